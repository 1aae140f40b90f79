import { slowScenes } from '../support/actions-scenes.ts';
import { noticesLeftOut, useTestServer, walkScenes } from '../support/actions-suite.ts';

useTestServer();
walkScenes(slowScenes);
noticesLeftOut([
  ['decision', 'keep', 'settle'],
  ['decision', 'flag', 'counted'],
  ['awaiting-rollback-approval', 'abort', 'closed: rollback-not-approved'],
  ['release, stuck in the middle', 'rollback', 'rollback'],
]);
