import { z } from 'zod';
import { AbsolutePath, Fingerprint, HttpUrl } from './words.ts';

export const VpsHost = z.strictObject({
  address: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_-]*@[A-Za-z0-9.:[\]-]+$/, 'use user@host or user@host:port'),
  hostKey: Fingerprint,
  /** Health as the outside world sees this host; the smoke paths are probed on the same origin. */
  url: HttpUrl,
  /** Only where this host differs from the environment. */
  directory: AbsolutePath.optional(),
  health: HttpUrl.optional(),
});

/** A service of a compose file whose image is tagged by a variable: image: example/shop:${IMAGE_TAG} */
export const Compose = z.strictObject({
  service: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'use the name of a service in the compose file'),
  file: z
    .string()
    .regex(/^(?!\/)(?!.*\.\.)[A-Za-z0-9/._-]+$/, 'use a path below the repository')
    .default('compose.yaml'),
  /** As docker compose -p; default: the name of the directory. */
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]*$/, 'use lower case letters, digits, "_" or "-"')
    .optional(),
  tag: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'use the name of a variable')
    .default('IMAGE_TAG'),
});
