/**
 * The parts from which a platform builds its configuration schema. A platform gets these parts as
 * an argument, so the platform does not import zod.
 */
export { z } from 'zod';
export { common } from './common.ts';
export {
  AbsolutePath,
  Fingerprint,
  HttpUrl,
  Name,
  RepositoryPath,
  SecretRef,
  UrlPath,
} from './words.ts';
