import type {
  AbortServiceBuildResult,
  GetServiceBuildResult,
  GetServiceBuildsResult,
  GetServiceContainersResult,
  GetServiceDeploymentResult,
  GetServiceHealthchecksResult,
  GetServiceResult,
  GetServiceRuntimeenvironmentResult,
  PatchServiceBuildResult,
  PatchServiceCombinedResult,
  PatchServiceDeploymentResult,
  StartServiceBuildResult,
  UpdateServiceDeploymentResult,
} from '@northflank/js-client';

/** A line of a log. The client's own type has a Date, because the client parses the text. */
type Line = { containerId: string; log: unknown; ts: string };

/**
 * The `data` of Northflank's answer to each call, by the types of Northflank's client.
 * schemas/northflank.json is generated from this file: npm run contract:schemas.
 */
export type Answers = {
  'GET /v1/projects/{projectId}/services/{serviceId}': GetServiceResult;
  // The page "Get service" of autumn 2026 shows a service as the answer to a change already did.
  'GET /v1/projects/{projectId}/services/{serviceId} (newer, build)': PatchServiceBuildResult;
  'GET /v1/projects/{projectId}/services/{serviceId} (newer, combined)': PatchServiceCombinedResult;
  'GET /v1/projects/{projectId}/services/{serviceId} (newer, deployment)': PatchServiceDeploymentResult;
  'GET /v1/projects/{projectId}/services/{serviceId}/build': GetServiceBuildsResult;
  'GET /v1/projects/{projectId}/services/{serviceId}/build/{buildId}': GetServiceBuildResult;
  'POST /v1/projects/{projectId}/services/{serviceId}/build': StartServiceBuildResult;
  'DELETE /v1/projects/{projectId}/services/{serviceId}/build/{buildId}': AbortServiceBuildResult;
  'GET /v1/projects/{projectId}/services/{serviceId}/deployment': GetServiceDeploymentResult;
  'POST /v1/projects/{projectId}/services/{serviceId}/deployment': UpdateServiceDeploymentResult;
  'PATCH /v1/projects/{projectId}/services/deployment/{serviceId}': PatchServiceDeploymentResult;
  'GET /v1/projects/{projectId}/services/{serviceId}/containers': GetServiceContainersResult;
  'GET /v1/projects/{projectId}/services/{serviceId}/health-checks': GetServiceHealthchecksResult;
  'GET /v1/projects/{projectId}/services/{serviceId}/runtime-environment': GetServiceRuntimeenvironmentResult;
  'GET /v1/projects/{projectId}/services/{serviceId}/logs': Line[];
  'GET /v1/projects/{projectId}/services/{serviceId}/build-logs': Line[];
};
