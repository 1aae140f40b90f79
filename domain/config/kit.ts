/**
 * The parts from which a platform builds its part of the configuration schema. A platform gets
 * these parts as an argument, so that it need not import zod.
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
