import { resolve } from 'node:path';
import type { Answer } from '../journalctl.ts';
import { readServices, withNeeds, type ComposeService } from './compose-file.ts';
import type { Caller, Engine } from './engine.ts';
import { no, ok } from './images.ts';

type Call = {
  project: string;
  verb: string;
  flags: Set<string>;
  service: string;
  format: string;
  /** Returns the service and every service on which it depends, by name. */
  selected(): Map<string, ComposeService>;
  read(): ComposeService & { image: string };
};

/**
 * Answers the calls of `docker compose -p P -f F …` for one service. The calls are `config`,
 * `build`, `up -d …`, `ps` and `images`.
 */
export async function compose(engine: Engine, argv: string[], caller: Caller): Promise<Answer> {
  const call = read(argv, caller);
  try {
    if (call.verb === 'config') return config(call);
    if (call.verb === 'build') return build(engine, call);
    if (call.verb === 'up') return await up(engine, call);
    if (call.verb === 'ps') return ok(boxOf(engine, call)?.id ?? '');
    if (call.verb === 'images') return images(engine, call);
    return no(16, `unknown docker command: "compose ${call.verb}"`);
  } catch (cause) {
    return no(14, (cause as Error).message);
  }
}

const takesValue = new Set(['-p', '--project-name', '--pull', '--format']);

/**
 * Prints the service and every service on which it depends, as compose does. Dependencies come
 * first, but `config --images` of compose has no fixed order, because its code loops over a Go map
 * (cmd/compose/config.go). The JSON has the form of Project.MarshalJSON of compose-go.
 */
function config({ flags, project, selected, format }: Call): Answer {
  const services = [...selected()].toReversed();
  if (flags.has('--images'))
    return ok(services.map(([name, { image }]) => `${image ?? `${project}-${name}`}\n`).join(''));
  if (format !== 'json') return no(1, `unsupported format "${format}"`);
  const shown = services.map(([name, { image, context, environment, needs }]) => [
    name,
    {
      ...(context === null ? {} : { build: { context, dockerfile: 'Dockerfile' } }),
      command: null,
      depends_on: Object.fromEntries(
        needs.map((need) => [need, { condition: 'service_started', required: true }]),
      ),
      entrypoint: null,
      environment,
      ...(image === null ? {} : { image }),
      networks: { default: null },
    },
  ]);
  const networks = { default: { name: `${project}_default`, ipam: {} } };
  const model = { name: project, networks, services: Object.fromEntries(shown) };
  return ok(JSON.stringify(model, null, 2));
}

function read(argv: string[], { cwd, env }: Caller): Call {
  const values = new Map<string, string>();
  const files: string[] = [];
  const flags = new Set<string>();
  const words: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '-f' || word === '--file') files.push(resolve(cwd, rest.shift() ?? ''));
    else if (takesValue.has(word)) values.set(word, rest.shift() ?? '');
    else if (word.startsWith('-')) flags.add(word);
    else words.push(word);
  }
  const [verb = '', service = ''] = words;
  if (files.length === 0) files.push(resolve(cwd, 'compose.yaml'));
  const project = values.get('-p') ?? 'app';
  const selected = () => withNeeds(readServices(files, env), service);
  return {
    project,
    verb,
    flags,
    service,
    format: values.get('--format') ?? 'yaml',
    selected,
    read() {
      const found = selected().get(service) as ComposeService;
      return { ...found, image: found.image ?? `${project}-${service}` };
    },
  };
}

const labelsOf = ({ project, service }: Call) => ({
  'com.docker.compose.project': project,
  'com.docker.compose.service': service,
  'com.docker.compose.oneoff': 'False',
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
