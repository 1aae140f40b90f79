import type { TokenVerifyResponse as AccountToken } from 'cloudflare/resources/accounts/tokens/tokens';
import type { TokenVerifyResponse as UserToken } from 'cloudflare/resources/user/tokens/tokens';
import type { DeploymentListResponse } from 'cloudflare/resources/workers/scripts/deployments';
import type { ScriptAndVersionSettingGetResponse } from 'cloudflare/resources/workers/scripts/script-and-version-settings';
import type { SecretListResponse } from 'cloudflare/resources/workers/scripts/secrets';
import type { SubdomainGetResponse as WorkerSubdomain } from 'cloudflare/resources/workers/scripts/subdomain';
import type {
  VersionGetResponse,
  VersionListResponse,
} from 'cloudflare/resources/workers/scripts/versions';
import type { RouteListResponse } from 'cloudflare/resources/workers/routes';
import type { SubdomainGetResponse } from 'cloudflare/resources/workers/subdomains';
import type { Zone } from 'cloudflare/resources/zones/zones';

// The generator needs one name for each type, and Cloudflare uses two names twice.
type UserTokenAnswer = Pick<UserToken, keyof UserToken>;
type AccountTokenAnswer = Pick<AccountToken, keyof AccountToken>;
type WorkerSubdomainAnswer = Pick<WorkerSubdomain, keyof WorkerSubdomain>;

// wrangler 4.164 reads these fields of the same answers (wrangler-dist/cli.js), and Cloudflare's
// types lack them, or have an object without fields in their place.
type Annotations = {
  'workers/tag'?: string;
  'workers/message'?: string;
  'workers/triggered_by'?: string;
};
type Item = Omit<VersionListResponse, 'metadata'> & {
  metadata?: VersionListResponse['metadata'] & { has_preview?: boolean };
  annotations?: Annotations;
};
type Version = Omit<VersionGetResponse, 'metadata' | 'resources'> & {
  metadata?: VersionGetResponse['metadata'] & { has_preview?: boolean };
  annotations?: Annotations;
  resources: Omit<VersionGetResponse['resources'], 'bindings'> & {
    bindings?: { name: string; type: string; [field: string]: unknown }[];
  };
};

/**
 * The `result` of Cloudflare's answer to each call, by Cloudflare's own types.
 * schemas/cloudflare.json is generated from this file: npm run contract:schemas.
 */
export type Answers = {
  'GET /user/tokens/verify': UserTokenAnswer;
  'GET /accounts/{account_id}/tokens/verify': AccountTokenAnswer;
  'GET /accounts/{account_id}/workers/scripts/{script_name}/deployments': DeploymentListResponse;
  'GET /accounts/{account_id}/workers/scripts/{script_name}/versions': {
    items: Item[];
  };
  'GET /accounts/{account_id}/workers/scripts/{script_name}/versions/{version_id}': Version;
  'GET /accounts/{account_id}/workers/scripts/{script_name}/settings': ScriptAndVersionSettingGetResponse;
  'GET /accounts/{account_id}/workers/scripts/{script_name}/secrets': SecretListResponse[];
  'GET /accounts/{account_id}/workers/scripts/{script_name}/subdomain': WorkerSubdomainAnswer;
  'GET /accounts/{account_id}/workers/subdomain': SubdomainGetResponse;
  'GET /zones': Zone[];
  'GET /zones/{zone_id}/workers/routes': RouteListResponse[];
};
