import { fastScenes } from '../support/actions-scenes.ts';
import { noticesLeftOut, useTestServer, walkScenes } from '../support/actions-suite.ts';

useTestServer();
walkScenes(fastScenes);
noticesLeftOut([
  ['approval', 'reject', 'closed: rejected'],
  ['settle, stuck', 'retry', 'stuck'],
  ['rollback, stuck', 'abort', 'closed: rollback-failed'],
]);
