import type { Call } from '../../http.ts';
import type { Binding, Metadata, Migrations, Module, Upload } from './state.ts';

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const objectsIn = (exports: unknown): { objects?: string } => {
  const objects = Object.entries((exports ?? {}) as Record<string, { type?: string }>).filter(
    ([, { type }]) => type === 'durable-object',
  );
  return objects.length === 0
    ? {}
    : { objects: JSON.stringify(objects.toSorted(([one], [other]) => one.localeCompare(other))) };
};

function readMetadata(body: string): Metadata {
  const given = JSON.parse(body) as Record<string, unknown>;
  if (typeof given.main_module !== 'string') throw new Error('metadata has no main_module');
  return {
    main_module: given.main_module,
    bindings: Array.isArray(given.bindings) ? (given.bindings as Binding[]) : [],
    compatibility_date: text(given.compatibility_date) ?? '2021-11-02',
    compatibility_flags: strings(given.compatibility_flags),
    keep_bindings: strings(given.keep_bindings),
    annotations: (given.annotations ?? {}) as Record<string, string>,
    ...objectsIn(given.exports),
    ...(given.migrations ? { migrations: given.migrations as Migrations } : {}),
  };
}

const partOf = async ([name, value]: [string, string | File]): Promise<Module> =>
  typeof value === 'string'
    ? { name, type: 'text/plain', content: Buffer.from(value) }
    : {
        name,
        type: value.type.split(';')[0] ?? '',
        content: Buffer.from(await value.arrayBuffer()),
      };

/**
 * Reads the multipart body of an upload. Returns undefined if the body is not a complete upload.
 */
export async function readUpload(call: Call): Promise<Upload | undefined> {
  try {
    const headers = { 'content-type': call.headers['content-type'] ?? '' };
    const form = await new Response(new Uint8Array(call.body), { headers }).formData();
    const parts = await Promise.all([...form].map(partOf));
    const metadata = parts.find(({ name }) => name === 'metadata');
    if (!metadata) return undefined;
    const upload = readMetadata(metadata.content.toString());
    const modules = parts.filter(({ name, type }) => {
      return name !== 'metadata' && type !== 'application/source-map';
    });
    const whole = modules.some(({ name }) => name === upload.main_module);
    return whole ? { metadata: upload, modules } : undefined;
  } catch {
    return undefined;
  }
}
