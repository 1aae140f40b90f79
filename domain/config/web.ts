import { z } from 'zod';
import { AbsolutePath, HttpUrl, ListenAddress } from './words.ts';

/** The door: an HTTP server of the worker for requests and decisions, so that people and CI jobs
 * need no access to Temporal. */
export const Web = z.strictObject({
  /** The address at which the worker listens. */
  listen: ListenAddress,
  /** The address that people and CI jobs use. https without `tls`: a proxy has the certificate. */
  url: HttpUrl,
  /** The certificate and its private key, as paths of PEM files on the worker's machine. */
  tls: z.strictObject({ cert: AbsolutePath, key: AbsolutePath }).optional(),
});

export type Web = z.infer<typeof Web>;
