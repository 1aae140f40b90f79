import { proveSigner } from '../../activities/approval/signatures/sign.ts';
import type { Config } from '../../domain/config/config.ts';
import { check } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';

/**
 * Signs a test text with the key for deploys on push. Returns an empty list if no such key is
 * configured.
 */
export const requests = (config: Config): Promise<Finding>[] =>
  config.requests ? [check('requests', () => proveSigner(config))] : [];
