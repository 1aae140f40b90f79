import { proveSigner } from '../../activities/push/sign.ts';
import type { Config } from '../../domain/schema.ts';
import { check } from './finding.ts';
import type { Finding } from './finding.ts';

/** Signs on trial with the key that asks for what was pushed; nothing is looked at where nobody asked for that. */
export const requests = (config: Config): Promise<Finding>[] =>
  config.requests ? [check('requests', () => proveSigner(config))] : [];
