import type { Answer } from './journalctl.ts';
import { freshState, type Unit } from './unit.ts';

const exitOf = { active: 0, activating: 3, deactivating: 3, inactive: 3, failed: 3 } as const;
const ok = (stdout = ''): Answer => ({ code: 0, stdout, stderr: '' });
const no = (code: number, stderr: string): Answer => ({ code, stdout: '', stderr: `${stderr}\n` });

type Call = { verb: string; units: string[]; properties: string[] | null; value: boolean };

/**
 * Runs systemctl for the units of one host. With `lie`, every command reports success but does
 * nothing.
 */
export async function systemctl(units: Map<string, Unit>, argv: string[], lie: boolean) {
  const call = read(argv);
  if (call.verb === 'daemon-reload') return ok();
  if (call.units.length === 0) return no(1, 'Too few arguments.');
  let answer = ok();
  for (const name of call.units) {
    answer = await one(units.get(full(name)), full(name), call, lie);
    if (answer.code !== 0) return answer;
  }
  return answer;
}

const full = (name: string) => name.replace(/(\.service)?$/, '.service');

async function one(unit: Unit | undefined, name: string, call: Call, lie: boolean) {
  if (call.verb === 'show') return show(unit, name, call, lie);
  if (call.verb === 'is-active') return isActive(unit, lie);
  if (!unit) return no(5, `Failed to ${call.verb} ${name}: Unit ${name} not found.`);
  if (lie) return ok();
  if (call.verb === 'reset-failed') return ok(unit.resetFailed() ?? '');
  if (call.verb === 'stop') return ok((await unit.stop()) ?? '');
  if (call.verb === 'start' && unit.state.ActiveState === 'active') return ok();
  if (call.verb === 'start' || call.verb === 'restart') return start(unit, name);
  return no(1, `Unknown command verb ${call.verb}.`);
}

async function start(unit: Unit, name: string): Promise<Answer> {
  if (await unit.restart()) return ok();
  return no(1, `Job for ${name} failed.\nSee "systemctl status ${name}" for details.`);
}

function isActive(unit: Unit | undefined, lie: boolean): Answer {
  const state = lie ? 'active' : (unit?.state.ActiveState ?? 'inactive');
  return { code: unit ? exitOf[state] : 4, stdout: `${state}\n`, stderr: '' };
}

function show(unit: Unit | undefined, name: string, call: Call, lie: boolean): Answer {
  const shown: Record<string, string | number> = {
    Id: name,
    LoadState: unit ? 'loaded' : 'not-found',
    ...(unit?.state ?? freshState),
    ...(lie ? { ActiveState: 'active', SubState: 'running', Result: 'success' } : {}),
  };
  const wanted = Object.entries(shown).filter(([key]) => call.properties?.includes(key) ?? true);
  return ok(wanted.map(([key, it]) => `${call.value ? it : `${key}=${it}`}\n`).join(''));
}

function read(argv: string[]): Call {
  const call: Call = { verb: '', units: [], properties: null, value: false };
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const inline = /^(?:--property=|-p)(.+)$/.exec(word)?.[1];
    const list = word === '-p' || word === '--property' ? rest.shift() : inline;
    if (list !== undefined) call.properties = [...(call.properties ?? []), ...list.split(',')];
    else if (word === '--value') call.value = true;
    else if (word.startsWith('-')) continue;
    else if (call.verb === '') call.verb = word;
    else call.units.push(word);
  }
  return call;
}
