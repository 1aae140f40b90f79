import type { Config } from '../../domain/config/config.ts';
import type { Problem } from './explain.ts';

/** Checks that a Slack token is configured if the anchors are posted to Slack. */
export const anchorRules = ({ anchor = 'off', slack }: Config): Problem[] =>
  anchor !== 'off' && 'slack' in anchor && !slack ? [{ path: ['anchor', 'slack'], what }] : [];

const what =
  'The file has no key "slack", so the workers have no token to post there.\n' +
  'Add slack: with its token, or keep the anchors in git: anchor: { git: URL }';
