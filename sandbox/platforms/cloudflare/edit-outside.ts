import { addDeployment, keepVersion, makeVersion } from './state.ts';
import type { Account, Worker } from './state.ts';

/**
 * A change that a person makes without Plimsoll, in the dashboard or through the API. The change
 * adds the variables in `vars`. The code stays the same.
 */
export type Edit = { by: 'dash' | 'api'; vars?: Record<string, string> };

export function editOutside(account: Account, worker: Worker, { by, vars = {} }: Edit): string {
  const upload = worker.versions.at(-1)?.upload;
  if (!upload) throw new Error(`The worker ${worker.name} has no version to edit.`);
  const added = Object.entries(vars).map(([name, text]) => ({ name, type: 'plain_text', text }));
  const { metadata } = upload;
  const edited = { ...metadata, annotations: {}, bindings: [...metadata.bindings, ...added] };
  const version = makeVersion(account, worker, {
    upload: { ...upload, metadata: edited },
    source: by,
    trigger: 'upload',
  });
  keepVersion(account, worker, version);
  addDeployment(account, worker, {
    versions: [{ version_id: version.id, percentage: 100 }],
    source: by,
    annotations: { 'workers/triggered_by': 'upload' },
  });
  return version.id;
}
