export { check, inOrder, unchecked } from '../../activities/lib/finding.ts';
export type { Finding } from '../../activities/lib/finding.ts';
