import { createHash } from 'node:crypto';
import type { DeploymentListResponse } from 'cloudflare/resources/workers/scripts/deployments';
import type { VersionGetResponse } from 'cloudflare/resources/workers/scripts/versions';
import { shownBinding } from './state.ts';
import type { Deployment, Version, Worker } from './state.ts';

type Shown = DeploymentListResponse['deployments'][number];

const author = 'casey@example.com';

export const deploymentShape = ({
  id,
  createdOn,
  source,
  annotations,
  versions,
}: Deployment): Shown => ({
  id,
  created_on: createdOn,
  source,
  strategy: 'percentage',
  author_email: author,
  annotations,
  versions,
});

export const etagOf = ({ upload }: Version) => {
  const hash = createHash('sha256');
  for (const { name, content } of upload.modules) hash.update(name).update(content);
  return hash.digest('hex');
};

const metadataOf = ({ source, createdOn }: Version, { subdomain }: Worker) => ({
  author_id: '0123456789abcdef0123456789abcdef',
  author_email: author,
  created_on: createdOn,
  modified_on: createdOn,
  source,
  hasPreview: subdomain.previews_enabled,
  // wrangler reads this field.
  has_preview: subdomain.previews_enabled,
});

/**
 * Returns one entry of the list of versions. The API also returns the annotations, which the
 * official type does not contain.
 */
export const versionItem = (version: Version, worker: Worker) => ({
  id: version.id,
  number: version.number,
  metadata: metadataOf(version, worker),
  annotations: version.annotations,
});

export const versionShape = (version: Version, worker: Worker) => {
  const { compatibility_date, compatibility_flags } = version.upload.metadata;
  const { migrationTag } = version;
  return {
    ...versionItem(version, worker),
    resources: {
      bindings: version.bindings.map(shownBinding) as VersionGetResponse.Resources.Bindings,
      script: {
        etag: etagOf(version),
        handlers: ['fetch'],
        last_deployed_from: worker.lastDeployedFrom,
      },
      script_runtime: {
        compatibility_date,
        compatibility_flags,
        usage_model: 'standard',
        ...(migrationTag === null ? {} : { migration_tag: migrationTag }),
      },
    },
  } satisfies VersionGetResponse;
};
