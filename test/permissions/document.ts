import type { TokenKind, VendorService } from '../../domain/services/call.ts';
import { services } from '../contract/schema-source.ts';
import type { ServiceName } from '../contract/schema-source.ts';
import { toldOf } from './rows.ts';
import type { Row } from './rows.ts';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', '<br>');

/** What a person reads while the token lacks the permission, by the place where it is read. */
function rowOf({ name, needed, use }: TokenKind['permissions'][number], row: Row | undefined) {
  const told = row
    ? [row.doctor, row.plan, row.deploy].map((text) => (text === '' ? '–' : text))
    : ['not tried', 'not tried', 'not tried'];
  return `| ${[name, needed, use, ...told].map(cell).join(' | ')} |`;
}

function section(vendor: ServiceName): string {
  const service: VendorService = services[vendor];
  const told = toldOf(vendor) ?? {};
  const kinds = service.tokens.flatMap(({ name, permissions }) => [
    `### ${service.title}: ${name}`,
    '',
    '| permission | needed | for | without it, `doctor` says | the plan says | the deploy |',
    '| --- | --- | --- | --- | --- | --- |',
    ...permissions.map((one) =>
      rowOf(
        one,
        told[name]?.find(({ permission }) => permission === one.name),
      ),
    ),
    '',
  ]);
  return [`## ${service.title}`, '', ...kinds].join('\n').trimEnd();
}

const head = `# Permissions, one by one

Every permission that a token needs, by service and kind of token, and what a person reads while the token lacks
that one permission and no other. This page is made from the tables of the product and from the tests in
\`test/permissions\`, which play the doctor, the plan and the deploy against the stand-ins. With all
permissions of a table and nothing more, all of it works there.

- "–": nothing is said, because nothing is refused.
- A text of \`doctor\` that begins with "ok" is no problem.
- If the plan says something, a gate is closed, or a source has no data: nothing was touched.
- If neither \`doctor\` nor the plan says anything, the service shows the permission to nobody before the first
  write. The column "the deploy" then tells how the deploy ends.
- "not tried": no test removes this permission.

The permissions are those of the vendors' own pages. The texts of refusals come from public records, so an
account may show other words. [Every call with its permission](real-services.md).`;

/** The text of docs/permissions.md. */
export const permissionsPage = () =>
  `${[head, ...(Object.keys(services) as ServiceName[]).map(section)].join('\n\n')}\n`;
