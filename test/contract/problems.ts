import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import type { Exchange } from '../../sandbox/http.ts';
import { handProblems, issuesOf, outer } from './by-hand.ts';
import { isBeside, isVendor, rowOf } from './calls.ts';
import type { ServiceName } from './schema-source.ts';
import { isSlackError } from './slack-errors.ts';

type Schema = Record<string, unknown>;
type File = { answers: Record<string, Schema>; definitions: Record<string, Schema> };
type Generated = Exclude<ServiceName, 'vercel'>;

const files = new Map<Generated, File>();
const fileOf = (vendor: Generated): File => {
  const known = files.get(vendor);
  if (known) return known;
  const url = new URL(`schemas/${vendor}.json`, import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as File;
  files.set(vendor, file);
  return file;
};

const ajv = new Ajv2019({ strict: false, allErrors: true });
addFormats.default(ajv);
const isUri = ajv.formats['uri'] as (text: string) => boolean;
// GitHub sends "" for an address that nobody set. Its description says so by its default.
ajv.addFormat('uri', (text: string) => text === '' || isUri(text));
const compiled = new Map<string, ValidateFunction>();

function validatorOf(vendor: Generated, name: string, schema: Schema): ValidateFunction {
  const key = `${vendor} ${name}`;
  const known = compiled.get(key);
  if (known) return known;
  const { definitions } = fileOf(vendor);
  const validate = ajv.compile({ definitions, ...schema });
  compiled.set(key, validate);
  return validate;
}

const wordsOf = ({ instancePath, message, params }: ErrorObject) => {
  const field = params['unevaluatedProperty'] ?? params['additionalProperty'];
  // The entries of a list often have the same problem.
  const at =
    instancePath
      .slice(1)
      .replaceAll('/', '.')
      .replaceAll(/\b\d+\b/g, '[]') || 'the root';
  return `${at}: ${typeof field === 'string' ? `the vendor has no field "${field}"` : message}`;
};

const isChoice = ({ keyword }: ErrorObject) => keyword === 'anyOf' || keyword === 'oneOf';

function checked(vendor: Generated, name: string, schema: Schema, body: unknown): string[] {
  const validate = validatorOf(vendor, name, schema);
  if (validate(body)) return [];
  const errors = (validate.errors ?? []).filter((error) => !isChoice(error));
  return [...new Set(errors.map(wordsOf))];
}

type Read = Pick<Exchange, 'status' | 'body'>;

function ofGithub(call: string, { status, body }: Read): string[] {
  const byStatus = fileOf('github').answers[call] as Record<string, Schema | null> | undefined;
  if (!byStatus) return ['schemas/github.json lacks this call: npm run contract:schemas'];
  const schema = byStatus[String(status)];
  if (schema) return checked('github', `${call} ${status}`, schema, body);
  if (schema === null && status < 400) return [];
  // GitHub's description names few of the errors and redirects, but they all have one form.
  if (status >= 300) return checked('github', 'error', { $ref: '#/definitions/basic-error' }, body);
  return [`the description has no answer with the status ${status}`];
}

/** The statuses of errors whose form GitHub specifies for this call. */
export const specifiedErrors = (call: string): string[] =>
  Object.entries(fileOf('github').answers[call] ?? {}).flatMap(([status, schema]) =>
    status >= '400' && schema !== null ? [status] : [],
  );

function ofTypes(vendor: 'cloudflare' | 'northflank', call: string, part: unknown): string[] {
  const schema = fileOf(vendor).answers[call];
  if (!schema) return [`schemas/${vendor}.json lacks this call: npm run contract:schemas`];
  return checked(vendor, call, schema, part);
}

const isOk = (status: number) => status >= 200 && status < 300;

function ofCloudflare(call: string, { status, body }: Read, byHand: boolean): string[] {
  if (call === 'POST /graphql' && isOk(status)) return handProblems(call, body);
  const envelope = issuesOf(outer.cloudflare, body);
  if (envelope.length > 0) return envelope;
  const { success, result } = body as { success: boolean; result: unknown };
  if (success !== isOk(status)) return [`success: ${success} with the status ${status}`];
  if (!success) return [];
  return byHand ? handProblems(call, result) : ofTypes('cloudflare', call, result);
}

function ofNorthflank(call: string, { status, body }: Read, byHand: boolean): string[] {
  if (!isOk(status)) return issuesOf(outer.northflankError, body);
  const envelope = issuesOf(outer.northflank, body);
  const { data } = body as { data: unknown };
  if (envelope.length > 0) return envelope;
  return byHand
    ? handProblems(call, data)
    : ofTypes('northflank', formOf(call, data), withBuild(call, data));
}

/** Only the older form of the answer about a service names the project. */
const formOf = (call: string, data: unknown) =>
  /^GET .*\/services\/\{serviceId\}$/.test(call) && !('projectId' in (data as object))
    ? `${call} (newer, ${(data as { serviceType?: string }).serviceType})`
    : call;

/**
 * The client's types have no answer for a service that has never deployed a build. Only such an
 * answer may lack the two fields.
 */
function withBuild(call: string, data: unknown): unknown {
  const { internal } = data as { internal?: Record<string, unknown> };
  const never = internal && !('buildId' in internal) && !('deployedSHA' in internal);
  if (!call.endsWith('/deployment') || !never) return data;
  return { ...(data as object), internal: { ...internal, appId: '', buildId: '' } };
}

async function ofVercel(call: string, { status, body }: Read, byHand: boolean): Promise<string[]> {
  const isMetrics = call === 'POST /v2/observability/query';
  if (!isOk(status))
    return issuesOf(isMetrics ? outer.vercelMetricsError : outer.vercelError, body);
  if (byHand) return handProblems(call, body);
  // The SDK is large, so only a test that needs it loads it.
  return (await import('./vercel-answers.ts')).vercelProblems(call, body);
}

function ofSlack(method: string, { body }: Read): string[] {
  if ((body as { ok?: unknown }).ok !== true) {
    const form = issuesOf(outer.slackError, body);
    if (form.length > 0) return form;
    const { error } = body as { error: string };
    return isSlackError(method, error) ? [] : [`error: Slack does not document "${error}"`];
  }
  const schema = fileOf('slack').answers[method];
  if (!schema) return ['schemas/slack.json lacks this method: npm run contract:schemas'];
  return checked('slack', method, schema, body);
}

/**
 * Returns everything in which the answer differs from the vendor's own specification, each as
 * "GET /path 200: field: what is wrong". Returns no problem for an exchange that is no call to a
 * vendor's API.
 */
export async function problemsOf(exchange: Exchange): Promise<string[]> {
  const { service, method, path, status } = exchange;
  if (!isVendor(service) || isBeside(exchange)) return [];
  const row = rowOf(exchange);
  const named = `${service} ${row?.call ?? `${method} ${path}`} ${status}`;
  if (!row) return [`${named}: no row in the table of calls names this call`];
  const found = await differences(service, row.call, exchange, row.answer);
  return found.map((text) => `${named}: ${text}`);
}

/** true: not the API answered, but a proxy before it, with a page. No vendor specifies it. */
export const isPage = ({ status, body }: Read) => status >= 500 && Buffer.isBuffer(body);

function differences(
  service: ServiceName,
  call: string,
  read: Read,
  answer: 'specification' | 'hand' | 'nothing',
): string[] | Promise<string[]> {
  if (answer === 'nothing' && isOk(read.status)) return [];
  if (isPage(read)) return [];
  if (service === 'github') return ofGithub(call, read);
  if (service === 'vercel') return ofVercel(call, read, answer === 'hand');
  if (service === 'cloudflare') return ofCloudflare(call, read, answer === 'hand');
  if (service === 'northflank') return ofNorthflank(call, read, answer === 'hand');
  return ofSlack(call, read);
}

/** Returns the different problems of all exchanges. */
export async function problemsIn(exchanges: readonly Exchange[]): Promise<string[]> {
  const all: string[] = [];
  for (const exchange of exchanges) all.push(...(await problemsOf(exchange)));
  return [...new Set(all)].toSorted();
}
