import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Tried } from '../../domain/services/live.ts';
import { check, inOrder, unchecked } from '../../worker/doctor/finding.ts';
import type { Finding } from '../../worker/doctor/finding.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createPaint } from '../../domain/messages/parts/paint.ts';
import { configured } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Set up',
  order: 2,
  summary: 'check everything that a deploy needs; each problem is shown with its remedy',
};

export const verb: Verb = (command, execute) =>
  configured(command)
    .option('--page', 'send a test page over every configured channel')
    .option('--live', 'make every read request of a deploy at the real services; changes nothing')
    .action((options) => execute((io) => (options.live ? live : doctor)(io, options)));

export type DoctorOptions = { config: string; page?: boolean; live?: boolean };

/**
 * Makes every read request of a deploy at the real services, one after the other. Prints a table of
 * the calls, each with the permission that it needs. Changes nothing. Exit 1 if a call does not
 * work or a token is missing.
 */
export async function live(io: Io, { config: path }: DoctorOptions): Promise<number> {
  const { loadConfig } = await import('../../worker/config/config.ts');
  const { liveChecks } = await import('../../worker/live/live.ts');
  const { liveClosing, liveLegend, liveRow } = await import('../../domain/messages/live-check.ts');
  const all: Tried[] = [];
  const waiting = new Set<string>();
  for (const { name, needs, run } of liveChecks(await loadConfig(path), io.env)) {
    if (needs !== null) waiting.add(needs);
    const tried = needs === null ? await run() : [];
    all.push(...tried);
    if (io.json) continue;
    io.out(needs === null ? name : `${name}: needs ${needs}`);
    for (const one of tried)
      io.out(
        liveRow(one)
          .map((line) => `  ${line}`)
          .join('\n'),
      );
  }
  const bad = all.some(({ verdict }) => verdict === 'refused' || verdict === 'failed');
  const ok = !bad && waiting.size === 0;
  if (io.json) io.out(JSON.stringify({ ok, needs: [...waiting], tried: all }));
  else io.say(`\n${[...liveLegend(all), liveClosing(all, [...waiting])].join('\n')}`);
  return ok ? exitCodes.ok : exitCodes.failed;
}

/** Checks everything that a deploy needs, and changes nothing. Exit 1 if anything is wrong. */
export async function doctor(io: Io, options: DoctorOptions): Promise<number> {
  const findings: Finding[] = [];
  for (const running of await checks(io, options)) {
    const finding = await running;
    findings.push(finding);
    if (!io.json) io.out(render(finding, io.color));
  }
  const ok = inOrder(findings);
  if (io.json) io.out(JSON.stringify({ ok, findings }));
  else io.say(`\n${closing(findings, ok)}`);
  return ok ? exitCodes.ok : exitCodes.failed;
}

async function checks(io: Io, { config: path, page = false }: DoctorOptions) {
  const { loadConfig } = await import('../../worker/config/config.ts');
  const { programs } = await import('../../worker/doctor/programs.ts');
  const { server } = await import('../session/doctor-server.ts');
  let config: Config | undefined;
  const loaded = await check('configuration', async () => {
    config = await loadConfig(path);
    return path;
  });
  return [...programs(), loaded, ...server(io, config), ...(await named(config, io, page))];
}

async function named(config: Config | undefined, { env }: Io, sendPage: boolean) {
  if (!config)
    return ['secrets', 'seal', 'ledger', 'hosts', 'GitHub', 'Slack', 'page'].map((name) =>
      Promise.resolve(unchecked(name, 'the configuration')),
    );
  const { examine } = await import('../../worker/doctor/examine.ts');
  const { target } = await import('../session/connect.ts');
  // A wrong profile is reported by the check "Temporal", and not here.
  const address = await target(env)
    .then((at) => at.address)
    .catch(() => undefined);
  return examine(config, { env, sendPage, address });
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
    ? `Everything is in order. See what a deploy would do: ${plimsoll} plan <project> <environment>`
    : `${problems === 1 ? '1 problem. Fix it' : `${problems} problems. Fix the first problem first, because it may cause the others`}. Then run: ${plimsoll} doctor`;
}
