import { z } from 'zod';

/**
 * The levels of SARIF are none, note, warning and error. Some tools write other words, or capital
 * letters.
 */
export const level = z.string().toLowerCase();
export const Properties = z
  .object({
    'security-severity': z.union([z.string(), z.number()]).optional(),
    /** CodeQL writes error, warning or recommendation. */
    'problem.severity': z.string().optional(),
  })
  .optional();
const Rule = z.object({
  id: z.string(),
  guid: z.string().optional(),
  properties: Properties,
  defaultConfiguration: z.object({ level: level.optional() }).optional(),
});
const Component = z.object({
  name: z.string().optional(),
  guid: z.string().optional(),
  rules: z.array(Rule).optional(),
});
export const Tool = z.object({ driver: Component, extensions: z.array(Component).optional() });

const index = z.number().int().optional();
const guid = z.string().optional();
/** The name of a rule inside a SARIF log. Without `toolComponent`, it is a rule of the driver. */
const Descriptor = z.object({
  id: z.string().optional(),
  index,
  guid,
  toolComponent: z.object({ name: z.string().optional(), index, guid }).optional(),
});
/** The ways in which a result can name its rule. An index of -1 means no rule. */
export const Reference = z.object({
  ruleId: z.string().optional(),
  ruleIndex: index,
  rule: Descriptor.optional(),
});

/** The settings of one run of the tool. They replace the default settings of the rules. */
export const Overrides = z
  .array(
    z.object({
      descriptor: Descriptor,
      configuration: z.object({ level: level.optional() }),
    }),
  )
  .default([]);

export type Rule = z.infer<typeof Rule>;
type Tool = z.infer<typeof Tool>;
type Reference = z.infer<typeof Reference>;

/**
 * Returns the rule of a result. Returns null if the log does not describe the rule. Returns
 * 'dangling' if the result points to a rule or a component that is missing in the log.
 */
export function ruleOf(tool: Tool, result: Reference): Rule | 'dangling' | null {
  const { rule } = result;
  const id = result.ruleId ?? rule?.id;
  const place = [result.ruleIndex, rule?.index].find((one) => one !== undefined && one >= 0);
  const named = componentOf(tool, rule?.toolComponent);
  const pointed = place === undefined ? undefined : named?.rules?.[place];
  if (pointed && (id === undefined || isOf(pointed, id))) return pointed;
  const rules = [tool.driver, ...(tool.extensions ?? [])].flatMap((one) => one.rules ?? []);
  const byGuid = rules.find((one) => rule?.guid !== undefined && one.guid === rule.guid);
  const found = byGuid ?? byId(named?.rules, id) ?? pointed ?? byId(rules, id);
  if (found) return found;
  return place !== undefined || named === null ? 'dangling' : null;
}

/**
 * Returns the level that this run of the tool set for the rule; undefined = none. Two rules may
 * have the same id: one of an extension and one of the driver. So an override is found in the same
 * way as the rule of a result.
 */
export function overrideOf(
  tool: Tool,
  overrides: z.infer<typeof Overrides>,
  rule: Rule | null,
): string | undefined {
  if (rule === null) return undefined;
  return overrides.find(
    ({ descriptor }) =>
      ruleOf(tool, { rule: descriptor }) === rule && (descriptor.id ?? rule.id) === rule.id,
  )?.configuration.level;
}

/**
 * Returns the component that the result names, or null if the log does not contain this component.
 * If the result names no component, returns the driver.
 */
function componentOf({ driver, extensions = [] }: Tool, named: NamedComponent) {
  const { index: place = -1, guid: wanted, name } = named ?? {};
  if (place >= 0) return extensions[place] ?? null;
  const all = [driver, ...extensions];
  if (wanted !== undefined) return all.find((one) => one.guid === wanted) ?? null;
  return name === undefined ? driver : (all.find((one) => one.name === name) ?? null);
}
type NamedComponent = NonNullable<Reference['rule']>['toolComponent'];

/**
 * True if `id` is the id of the rule, or if `id` begins with the id of the rule and a slash. For
 * example, `CA1000/1` belongs to rule CA1000. The id of a rule may also contain slashes.
 */
const isOf = (rule: Rule, id: string) => id === rule.id || id.startsWith(`${rule.id}/`);

const byId = (rules: readonly Rule[] = [], id: string | undefined) =>
  id === undefined
    ? undefined
    : rules.filter((rule) => isOf(rule, id)).toSorted((a, b) => b.id.length - a.id.length)[0];
