import { resolve } from 'node:path';
import type { Answer } from '../journalctl.ts';
import { readService, type ComposeService } from './compose-file.ts';
import type { Caller, Engine } from './engine.ts';
import { no, ok } from './images.ts';

type Call = {
  project: string;
  verb: string;
  flags: Set<string>;
  service: string;
  read(): ComposeService;
};

/**
 * Answers `docker compose -p P -f F` for one service: `config --images`, `build`, `up -d …`, `ps`
 * and `images`.
 */
export async function compose(engine: Engine, argv: string[], caller: Caller): Promise<Answer> {
  const call = read(argv, caller);
  try {
    if (call.verb === 'config') return ok(`${call.read().image}\n`);
    if (call.verb === 'build') return build(engine, call);
    if (call.verb === 'up') return await up(engine, call);
    if (call.verb === 'ps') return ok(boxOf(engine, call)?.id ?? '');
    if (call.verb === 'images') return images(engine, call);
    return no(16, `unknown docker command: "compose ${call.verb}"`);
  } catch (cause) {
    return no(14, (cause as Error).message);
  }
}

const takesValue = new Set(['-p', '-f', '--project-name', '--file', '--pull', '--format']);

function read(argv: string[], { cwd, env }: Caller): Call {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  const words: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (takesValue.has(word)) values.set(word, rest.shift() ?? '');
    else if (word.startsWith('-')) flags.add(word);
    else words.push(word);
  }
  const [verb = '', service = ''] = words;
  const file = resolve(cwd, values.get('-f') ?? 'compose.yaml');
  const project = values.get('-p') ?? 'app';
  return { project, verb, flags, service, read: () => readService(file, service, env) };
}

const labelsOf = ({ project, service }: Call) => ({
  'com.docker.compose.project': project,
  'com.docker.compose.service': service,
});

const boxOf = (engine: Engine, call: Call) => engine.labelled(labelsOf(call))[0];

function build(engine: Engine, call: Call): Answer {
  const { context, image } = call.read();
  if (context === null) return ok('', 'No services to build\n');
  return engine.images.build(context, image, engine.env);
}

async function up(engine: Engine, call: Call): Promise<Answer> {
  const { image: name, environment } = call.read();
  const { flags, service, project } = call;
  if (flags.has('--build') || (!engine.images.find(name) && !flags.has('--no-build'))) {
    const built = build(engine, call);
    if (built.code !== 0) return built;
  }
  const image = engine.images.find(name);
  if (!image) return no(1, `Error response from daemon: No such image: ${name}`);
  const before = boxOf(engine, call);
  const same = before?.file.image.id === image.id && before.file.image.name === name;
  if (before && same && !flags.has('--force-recreate')) {
    if (before.unit.state.ActiveState !== 'active') await before.unit.restart();
    return ok('', ` Container ${before.file.name}  Running\n`);
  }
  if (before) await engine.remove(before);
  const box = engine.create({
    name: `${project}-${service}-1`,
    image: { name, id: image.id },
    command: image.command,
    directory: image.directory,
    mounts: [],
    labels: labelsOf(call),
    environment,
  });
  await box.unit.restart();
  return ok('', ` Container ${box.file.name}  Started\n`);
}

function images(engine: Engine, call: Call): Answer {
  const box = boxOf(engine, call);
  const head = 'CONTAINER           REPOSITORY          TAG                 IMAGE ID\n';
  if (!box) return ok(head);
  const [repository = '', tag = ''] = box.file.image.name.split(':');
  const id = box.file.image.id.slice('sha256:'.length, 19);
  return ok(`${head}${[box.file.name, repository, tag, id].map((it) => it.padEnd(20)).join('')}\n`);
}
