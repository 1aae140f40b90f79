import { plimsoll } from '../../domain/messages.ts';
import type { Config } from '../../domain/schema.ts';
import { check, inOrder, unchecked } from '../../worker/doctor/finding.ts';
import type { Finding } from '../../worker/doctor/finding.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createPaint } from '../paint.ts';

export type DoctorOptions = { config: string; page?: boolean };

/** Looks at everything that a deploy needs and changes nothing; exit 1 when anything is not in order. */
export async function doctor(io: Io, options: DoctorOptions): Promise<number> {
  const findings: Finding[] = [];
  for (const look of await looks(io, options)) {
    const finding = await look;
    findings.push(finding);
    if (!io.json) io.out(render(finding, io.color));
  }
  const ok = inOrder(findings);
  if (io.json) io.out(JSON.stringify({ ok, findings }));
  else io.say(`\n${closing(findings, ok)}`);
  return ok ? exitCodes.ok : exitCodes.failed;
}

async function looks(io: Io, { config: path, page = false }: DoctorOptions) {
  const { loadConfig } = await import('../../worker/config.ts');
  const { programs } = await import('../../worker/doctor/programs.ts');
  const { server } = await import('../doctor-server.ts');
  let config: Config | undefined;
  const loaded = await check('configuration', async () => {
    config = await loadConfig(path);
    return path;
  });
  return [...programs(), loaded, ...server(io, config), ...(await named(config, io, page))];
}

async function named(config: Config | undefined, { env }: Io, sendPage: boolean) {
  if (!config)
    return ['secrets', 'ledger', 'hosts', 'GitHub', 'Slack', 'page'].map((name) =>
      Promise.resolve(unchecked(name, 'the configuration')),
    );
  const { examine } = await import('../../worker/doctor/examine.ts');
  return examine(config, { env, sendPage });
}

const width = 'unchecked'.length + 2;

function render({ check: name, state, text }: Finding, color: boolean): string {
  const paint = createPaint(color);
  const hue = { ok: paint.good, problem: paint.bad, absent: paint.warn, unchecked: paint.dim };
  const lines = state === 'problem' ? `${name}\n${text}` : `${name}: ${text}`;
  return hue[state](state.padEnd(width)) + lines.replaceAll(/\n(?=.)/g, `\n${' '.repeat(width)}`);
}

function closing(findings: Finding[], ok: boolean): string {
  const problems = findings.filter(({ state }) => state === 'problem').length;
  return ok
    ? `Everything is in order. Look at a deploy first: ${plimsoll} plan <project> <environment>`
    : `${problems === 1 ? '1 problem' : `${problems} problems`}. Mend from the top: the first may be why of the others. Then: ${plimsoll} doctor`;
}
