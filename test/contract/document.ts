import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { VendorCall, VendorService } from '../../domain/services/call.ts';
import { specifiedErrors } from './problems.ts';
import { services } from './schema-source.ts';
import type { ServiceName } from './schema-source.ts';
import type { Stored } from './record-live.ts';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));

/** The day on which each call was last answered by a real account, if its answer is stored. */
function realAnswers(vendor: string): Map<string, string> {
  const directory = `${fixtures}/${vendor}`;
  if (!existsSync(directory)) return new Map();
  const all = globSync('*.json', { cwd: directory }).map(
    (file) => JSON.parse(readFileSync(`${directory}/${file}`, 'utf8')) as Stored,
  );
  return new Map(all.map(({ call, day }) => [call, day]));
}

function proof({ answer, call }: VendorCall, service: VendorService, real: Map<string, string>) {
  const { name, version } = service.specification;
  const day = real.get(call);
  const seen = day === undefined ? '' : `; a real answer of ${day}`;
  if (answer === 'specification') return `${name} ${version}${seen}`;
  if (answer === 'hand') return `a schema by hand: the vendor publishes none${seen}`;
  return `only its success is read${seen}`;
}

/** The form with which an error answer is compared, for each vendor. */
const errorForms: Record<ServiceName, (call: string) => string> = {
  github: (call) => {
    const statuses = specifiedErrors(call);
    return statuses.length === 0
      ? 'none is specified: `basic-error`'
      : `specified: ${statuses.join(', ')}; others: \`basic-error\``;
  },
  vercel: (call) =>
    call === 'POST /v2/observability/query'
      ? 'none is specified: an error with a code'
      : 'none is specified: the form of all errors',
  cloudflare: (call) =>
    call.startsWith('wrangler ')
      ? 'not compared: wrangler reads it'
      : 'none is specified: the form of all answers',
  northflank: () => '`ApiCallError` of the client',
  slack: () => "the method's error words",
};

/** Where the forms of the errors come from. */
const errorSources: Record<ServiceName, string> = {
  github:
    'GitHub specifies the errors of some calls, each for some statuses. Every other error is compared ' +
    "with the description's `basic-error`.",
  vercel:
    "Vercel's SDK names statuses of errors, but no form. Errors are compared with the form of " +
    'vercel.com/docs/rest-api/errors: a code, a message, and further fields that are not specified.',
  cloudflare:
    "Cloudflare's types have no errors by call. Errors are compared with the form of all answers: " +
    'developers.cloudflare.com/fundamentals/api/reference.',
  northflank: "The types of Northflank's client have one form for all errors.",
  slack:
    'Slack has one form for all errors. Its page of each method lists the words that `error` can have.',
};

const cell = (text: string) => text.replaceAll('|', '\\|');

/** More about the permissions of a vendor. */
const notes: Partial<Record<string, string>> = {
  vercel: ' A permission is a key under `permissions` of the project, with an action.',
  northflank: ' [What each permission is needed for](platforms.md#northflank).',
};

function section(vendor: ServiceName, service: VendorService): string {
  const real = realAnswers(vendor);
  const rows = service.calls.map((row) =>
    [
      row.call === '' ? '' : `\`${row.call}\``,
      cell(row.use),
      cell(row.permission ?? 'any valid token'),
      row.effect ? 'change' : 'read',
      cell(proof(row, service, real)),
      errorForms[vendor](row.call),
      cell(row.open ?? ''),
    ].join(' | '),
  );
  return [
    `## ${service.title}`,
    '',
    `Permissions are documented at ${service.permissions}.${notes[vendor] ?? ''} ` +
      `[What happens without one of them](permissions.md#${vendor}).`,
    '',
    errorSources[vendor],
    '',
    '| call | for | permission | kind | its answer is compared with | its errors are compared with | only an account shows |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    ...(service.unverified.length > 0
      ? ['', 'Nobody can verify this without an account:', '']
      : []),
    ...service.unverified.map((one) => `- ${one}`),
  ].join('\n');
}

const head = `# Calls to real services

Every call that Plimsoll makes to GitHub, Vercel, Cloudflare, Northflank and Slack, with the permission
that it needs. This page is made from the tables that the tests and \`plimsoll doctor --live\` use.

**What is verified without an account.** Every answer that a stand-in gives in a test is compared with the
vendor's own specification, in the version that the row names. A field that the vendor does not name is an
error there. A change has no answer of its own to compare where the row says so. Errors are compared, too.
Where the vendor does not specify their form, the row says so. A page that a proxy sends with a status of
500 or more is not compared, because no vendor specifies it.

**What is not.** A specification does not say which permission a token has, which error text an account
gets, and which defaults a plan has. The last column names what is left. A change is always one of these:
no call is made only to see whether it is refused.

- \`plimsoll doctor --live\` tries every read of this page on your account, one by one, and changes nothing.
- \`npm run contract:live\` makes the same reads, and stores the answers without names, texts and secrets.
  A row with such an answer names its day.`;

/** The container programs of hosts. `test/activities/platforms/vps/podman.nightly.test.ts` runs them. */
const onHosts = `## Programs on hosts

A release in a container needs a container program on the host. These programs ran in tests:

| program                                    | in the tests                                                                                                   |
| ------------------------------------------ | -------------------------------------------------------------------------------------------------------------- |
| podman 4.3 with runc, called as \`docker\` | ran: releases, rollbacks and logs of containers                                                                |
| Docker's client 28, at podman's socket     | ran: releases, rollbacks and logs of containers                                                                |
| \`docker compose\`                         | never ran. A stand-in runs real containers. It prints what compose-go 2.9 printed for \`config\`               |
| dockerd, the server of Docker              | never ran. podman answered Docker's client                                                                     |
| podman as an ordinary user, SELinux        | never ran                                                                                                      |`;

const names = Object.keys(services) as ServiceName[];

/** The text of docs/real-services.md. */
export const realServices = () =>
  `${[head, ...names.map((name) => section(name, services[name])), onHosts].join('\n\n')}\n`;
