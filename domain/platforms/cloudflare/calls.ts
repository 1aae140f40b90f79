import { read, write } from '../../services/call.ts';
import type { VendorService } from '../../services/call.ts';
import { permissions, tokens } from './permissions.ts';

const scripts = '/accounts/{account_id}/workers/scripts/{script_name}';
const see = 'Workers Scripts: Read';
const edit = permissions.scripts.name;
const routes = `${edit}; ${permissions.routes.name} for the zone of a route`;

/**
 * wrangler makes the changes, so the rows for changes name commands of wrangler. Tests with the
 * real wrangler verify the calls of these commands.
 */
export const service: VendorService = {
  title: 'Cloudflare',
  specification: { name: 'cloudflare', version: '7.3.0' },
  permissions: 'https://developers.cloudflare.com/fundamentals/api/reference/permissions',
  tokens,
  unverified: [
    'Whether a token with "Workers Routes: Edit" may list its zone. The documentation also asks for "Zone: Read".',
    'The name of the check run of Workers Builds. Public repositories show "Workers Builds: NAME", with the name of the Worker. ' +
      'Such a check does not count as a test of the commit.',
  ],
  calls: [
    read('GET /user/tokens/verify', "check a person's token", { permission: null }),
    read('GET /accounts/{account_id}/tokens/verify', "check an account's token", {
      permission: null,
    }),
    read(`GET ${scripts}/deployments`, 'read which versions are live', { permission: see }),
    read(`GET ${scripts}/versions`, 'find the version of a release', { permission: see }),
    read(`GET ${scripts}/versions/{version_id}`, 'read one version', { permission: see }),
    read('GET /accounts/{account_id}/workers/services/{name}', 'read the migration tag', {
      permission: see,
      answer: 'hand',
      open: 'the whole answer: only the source of wrangler documents the path',
    }),
    read(`GET ${scripts}/settings`, 'read the names of variables and bindings', {
      permission: see,
    }),
    read(`GET ${scripts}/secrets`, 'read the names of the secrets', { permission: see }),
    read(`GET ${scripts}/subdomain`, 'read whether versions have addresses', { permission: see }),
    read('GET /accounts/{account_id}/workers/subdomain', 'build the address of a version', {
      permission: see,
    }),
    read('POST /graphql', 'count failed requests', {
      permission: permissions.analytics.name,
      answer: 'hand',
      open: 'which of the documented errors a token without the permission gets, and how late numbers arrive',
    }),
    read('GET /zones', 'find the zone of a route', {
      permission: permissions.zone.name,
      open: 'whether a token without the permission gets an empty list, as people report, or a refusal',
    }),
    read('GET /zones/{zone_id}/workers/routes', 'read the routes of a zone', {
      permission: 'Workers Routes: Read',
      open: 'whether the token may edit the routes: a read shows nothing about it',
    }),
    write('wrangler deploy', 'release', {
      permission: routes,
      answer: 'nothing',
      open: 'whether the token may edit: a read shows nothing about it',
    }),
    write('wrangler versions upload', 'upload a version that gets no traffic', {
      permission: edit,
      answer: 'nothing',
    }),
    write('wrangler versions deploy', 'give a version a share of the traffic', {
      permission: edit,
      answer: 'nothing',
    }),
    write('wrangler triggers deploy', 'set routes and schedules', {
      permission: routes,
      answer: 'nothing',
    }),
    write('wrangler rollback', 'roll back', {
      permission: edit,
      answer: 'nothing',
      open: 'whether a secret was changed since the version was uploaded',
    }),
  ],
};
