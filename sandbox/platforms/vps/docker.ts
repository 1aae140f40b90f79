import type { Answer } from './journalctl.ts';
import { compose } from './docker/compose.ts';
import type { Caller, Engine } from './docker/engine.ts';
import { format } from './docker/format.ts';
import { no, ok } from './docker/images.ts';
import { logs } from './docker/logs.ts';

/**
 * Runs the docker command of one host. With `lie`, `compose up` and `restart` report success but do
 * nothing.
 */
export async function docker(
  engine: Engine,
  argv: string[],
  lie: boolean,
  caller: Caller,
): Promise<Answer> {
  const [verb = '', ...rest] = argv;
  if (verb === 'inspect') return inspect(engine, rest);
  if (verb === 'ps') return ps(engine, rest);
  if (verb === 'logs') return logsOf(engine, rest);
  if (verb === 'image') return image(engine, rest);
  if (verb === 'compose') {
    if (lie && rest.includes('up')) return ok();
    return await compose(engine, rest, caller);
  }
  if (verb === 'restart') return lie ? ok(`${rest.at(-1)}\n`) : await restart(engine, rest);
  return no(1, `docker: '${verb}' is not a docker command.\nSee 'docker --help'`);
}

const missing = (name: string) => no(1, `Error response from daemon: No such container: ${name}`);

async function restart(engine: Engine, args: string[]): Promise<Answer> {
  const name = args.at(-1) ?? '';
  const container = engine.find(name);
  if (!container) return missing(name);
  if (await container.unit.restart()) return ok(`${name}\n`);
  return no(
    1,
    `Error response from daemon: Cannot restart container ${name}: ` +
      'invalid mount config for type "bind": bind source path does not exist',
  );
}

function inspect(engine: Engine, args: string[]): Answer {
  const name = args.at(-1) ?? '';
  const template = args[args.findIndex((it) => it === '-f' || it === '--format') + 1];
  const shown = engine.find(name)?.inspect();
  if (!shown) return missing(name);
  if (!args.some((it) => it === '-f' || it === '--format'))
    return ok(`${JSON.stringify([shown], null, 4)}\n`);
  try {
    return ok(`${format(template ?? '', shown)}\n`);
  } catch (cause) {
    return no(1, (cause as Error).message);
  }
}

/**
 * Returns the ids of the containers, newest first, as `docker ps -q` does. This stand-in supports
 * no other form of `docker ps`.
 */
function ps(engine: Engine, args: string[]): Answer {
  const labels = args
    .map((word) => /^label=([^=]+)=(.*)$/.exec(word))
    .flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : []));
  const found = engine
    .labelled(Object.fromEntries(labels))
    .filter(({ unit }) => args.includes('-a') || unit.state.ActiveState === 'active');
  const cut = args.includes('--no-trunc') ? 64 : 12;
  return ok(found.map(({ id }) => `${id.slice(0, cut)}\n`).join(''));
}

function logsOf(engine: Engine, args: string[]): Answer {
  const name = args.at(-1) ?? '';
  const container = engine.find(name);
  if (!container) return missing(name);
  return logs(engine.journal.lines, container.unit.file.unit, args);
}

function image({ images }: Engine, [verb = '', ...names]: string[]): Answer {
  const [first = '', second = ''] = names.filter((it) => !it.startsWith('-'));
  if (verb === 'tag') return images.tag(first, second);
  if (verb === 'rm') return images.remove(first);
  if (verb === 'ls') return ok([...images.tags.keys()].map((it) => `${it}\n`).join(''));
  if (verb !== 'inspect') return no(1, `docker: 'image ${verb}' is not a docker command.`);
  const found = images.find(first);
  if (!found) return no(1, `Error response from daemon: No such image: ${first}`);
  return ok(`${JSON.stringify([{ Id: found.id, RepoTags: [first] }], null, 4)}\n`);
}
