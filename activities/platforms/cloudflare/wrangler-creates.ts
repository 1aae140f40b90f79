/**
 * The kinds of bindings for which wrangler creates a resource if the file names no resource.
 * Source: the table HANDLERS of wrangler 4.164.
 */
const drafts = [
  { at: ['kv_namespaces'], id: 'id', what: 'KV namespace', command: 'kv namespace' },
  { at: ['d1_databases'], id: 'database_id', what: 'D1 database', command: 'd1' },
  { at: ['r2_buckets'], id: 'bucket_name', what: 'R2 bucket', command: 'r2 bucket' },
  { at: ['queues', 'producers'], id: 'queue', what: 'queue', command: 'queues' },
  {
    at: ['dispatch_namespaces'],
    id: 'namespace',
    what: 'dispatch namespace',
    command: 'dispatch-namespace',
  },
  { at: ['ai_search_namespaces'], id: 'namespace', what: 'AI Search namespace', command: null },
  { at: ['agent_memory'], id: 'namespace', what: 'Agent Memory namespace', command: null },
  { at: ['flagship'], id: 'app_id', what: 'Flagship app', command: null },
] as const;

type Draft = (typeof drafts)[number];
type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const listOf = (value: unknown): Fields[] =>
  (Array.isArray(value) ? value : isFields(value) ? [value] : []).filter(isFields);

/**
 * Returns a problem for each part of a wrangler configuration with which wrangler would create a
 * resource. No plan lists such a resource. `path` is the path of the file in the repository. Only
 * `section` is checked, because an environment does not inherit bindings from the top level.
 */
export const createdBy = (section: Fields, path: string): string[] => [
  ...drafts.flatMap((draft) => {
    const found = draft.at.reduce<unknown>(
      (value, key) => (isFields(value) ? value[key] : undefined),
      section,
    );
    return listOf(found)
      .filter((binding) => !isName(binding[draft.id]))
      .map((binding) => unnamed(path, draft, binding));
  }),
  ...(isFields(section['site']) ? [sites(path)] : []),
  ...(listOf(section['containers']).length > 0 ? [containers(path)] : []),
];

const isName = (value: unknown) => typeof value === 'string' && value !== '';

function unnamed(path: string, { what, id, command }: Draft, { binding }: Fields): string {
  const name = typeof binding === 'string' ? binding : '?';
  const commands =
    command === null
      ? ''
      : ` To list the existing ones: npx wrangler ${command} list. ` +
        `To create one: npx wrangler ${command} create NAME.`;
  return (
    `${path} has the ${what} binding ${name} without "${id}". wrangler would create a ${what} ` +
    `that no plan lists, so Plimsoll forbids it. Add "${id}" to the binding.${commands}`
  );
}

const sites = (path: string) =>
  `${path} has "site" (Workers Sites). wrangler would create a KV namespace and write the files into ` +
  'it, but no plan lists these changes and no rollback removes them. Use "assets" instead of "site".';

const containers = (path: string) =>
  `${path} has "containers". wrangler would build images and deploy containers, but no plan lists these ` +
  'changes and no rollback removes them. Move the containers to a Worker that Plimsoll does not deploy.';
