import { z } from 'zod';
import { AbsolutePath, HttpUrl, ListenAddress } from './words.ts';

/**
 * The door: an HTTP server of the worker. With the door, people and CI jobs can send requests and
 * decisions without access to Temporal.
 */
export const Web = z.strictObject({
  /** The address at which the worker listens. */
  listen: ListenAddress,
  /**
   * The address that people and CI jobs use. An https address without `tls` means that a proxy has
   * the certificate.
   */
  url: HttpUrl,
  /** The certificate and its private key, as paths of PEM files on the worker's machine. */
  tls: z.strictObject({ cert: AbsolutePath, key: AbsolutePath }).optional(),
});

export type Web = z.infer<typeof Web>;
