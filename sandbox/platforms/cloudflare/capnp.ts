import type { Binding, Module, Version } from './state.ts';

/**
 * The header that marks an uncaught exception, which is Cloudflare's error 1101. Without this
 * header, the exception would look like a response with status 500 from the worker.
 */
export const threwHeader = 'x-sandbox-threw';
const wrapperName = 'sandbox-wrapper.js';

const wrapper = (main: string) => `import worker from ${JSON.stringify(`./${main}`)};
export * from ${JSON.stringify(`./${main}`)};
export default {
  ...worker,
  async fetch(request, env, context) {
    try {
      return await worker.fetch(request, env, context);
    } catch (error) {
      console.error(error);
      return new Response('error code: 1101', { status: 500, headers: { '${threwHeader}': '1' } });
    }
  },
};
`;

const text = (value: unknown) => JSON.stringify(String(value));

const kinds: Record<string, string> = {
  'application/javascript+module': 'esModule',
  'text/javascript+module': 'esModule',
  'application/javascript': 'commonJsModule',
  'application/wasm': 'wasm',
  'text/plain': 'text',
  'application/json': 'json',
};

/**
 * Returns the files that the workerd configuration contains. The order is that of the
 * configuration.
 */
export const filesOf = ({ upload: { metadata, modules } }: Version): Module[] => [
  {
    name: wrapperName,
    type: 'application/javascript+module',
    content: Buffer.from(wrapper(metadata.main_module)),
  },
  ...modules,
];

/**
 * Returns the line for one module in the workerd configuration. The name of the file contains the
 * number `place` instead of the name of the module, because that name can contain slashes.
 */
const moduleLine = ({ name, type }: Module, place: number) =>
  `(name = ${text(name)}, ${kinds[type] ?? 'data'} = embed "module-${place}")`;

const selfOf = ({ id, annotations, createdOn }: Version) => ({
  id,
  tag: annotations['workers/tag'] ?? '',
  timestamp: createdOn,
});

function bindingLine(binding: Binding, version: Version): string | undefined {
  const name = `name = ${text(binding.name)}`;
  if (binding.type === 'plain_text' || binding.type === 'secret_text')
    return `(${name}, text = ${text(binding.text)})`;
  if (binding.type === 'json') return `(${name}, json = ${text(JSON.stringify(binding.json))})`;
  if (binding.type === 'version_metadata')
    return `(${name}, json = ${text(JSON.stringify(selfOf(version)))})`;
  if (binding.type === 'durable_object_namespace')
    return `(${name}, durableObjectNamespace = ${text(binding.class_name)})`;
  return undefined;
}

const objectsOf = (bindings: Binding[]) =>
  bindings
    .filter(({ type }) => type === 'durable_object_namespace')
    .map(({ class_name: name }) => `(className = ${text(name)}, uniqueKey = ${text(name)})`);

/**
 * Returns a workerd configuration for one version. With this configuration, workerd listens on a
 * free port.
 */
export function capnpOf(version: Version): string {
  const { compatibility_date: date, compatibility_flags: flags } = version.upload.metadata;
  const objects = objectsOf(version.bindings);
  const storage = objects.length === 0 ? '' : ', durableObjectStorage = (inMemory = void)';
  const bindings = version.bindings.map((one) => bindingLine(one, version));
  return `using Workerd = import "/workerd/workerd.capnp";
const worker :Workerd.Worker = (
  modules = [${filesOf(version).map(moduleLine).join(', ')}],
  bindings = [${bindings.filter((line) => line !== undefined).join(', ')}],
  durableObjectNamespaces = [${objects.join(', ')}]${storage},
  compatibilityDate = ${text(date)},
  compatibilityFlags = [${flags.map(text).join(', ')}]
);
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")]
);
`;
}
