import { z } from 'zod';
import { judgeDefaults } from '../domain/policy/judge/judge-defaults.ts';
import { judgeObjective } from '../domain/policy/judge/judge-objective.ts';
import { judgeRatio } from '../domain/policy/judge/judge-ratio.ts';
import { isInvalid, type Judgement } from '../domain/policy/judge/judgement.ts';
import { nearest } from '../domain/policy/nearest.ts';
import { plimsoll } from '../domain/messages.ts';
import type { JudgeConfig } from '../domain/plan.ts';
import { UserError } from '../domain/user-error.ts';

const numbers = z.array(z.number());
const Objective = z
  .strictObject({
    p0: z.number(),
    q: numbers,
    w: numbers,
    healthFactor: numbers,
    healthWeight: numbers,
  })
  .partial();
const Overrides = z
  .strictObject({
    alpha: z.number(),
    beta: z.number(),
    rho: z.number(),
    rhoBad: z.number(),
    a: z.number(),
    theta: numbers,
    weight: numbers,
    thetaOk: numbers,
    weightOk: numbers,
    onset: numbers,
    onsetWeight: numbers,
    objective: Objective,
  })
  .partial();
/** Names may also be written with underscores: rho_bad, onset_weight. */
const Config = z.preprocess(camelCased, Overrides).default({});

/** A recorded case carries these beside its input. */
const aside = { name: z.string().optional(), expected: z.unknown().optional() };

const Ratio = z.strictObject({
  ...aside,
  baseline: z.strictObject({
    errors: z.number(),
    requests: z.number(),
    phi: z.number().optional(),
    tau: z.number().optional(),
  }),
  config: Config,
  series: z.array(z.tuple([z.number(), z.number()])),
  plannedLooks: z.number().optional(),
  absoluteFloor: z.number().optional(),
});
const Looks = z.strictObject({
  ...aside,
  looks: z.array(z.literal([0, 1])),
  plannedLooks: z.number(),
  config: Config,
});

function camelCased(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const renamed = Object.entries(value).map(([key, member]) => [
    key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    camelCased(member),
  ]);
  return Object.fromEntries(renamed);
}

const shape =
  'Give {"baseline":{"errors":17,"requests":17280},"config":{},"series":[[0,20],[1,20]]}\n' +
  'or {"looks":[0,0,1],"plannedLooks":180}, then run: ' +
  `${plimsoll} judge FILE.json --json`;

const refused = (why: string) =>
  new UserError(`The file cannot be judged: ${why}${why.endsWith('?') ? '' : '.'}\n${shape}`, 2);

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    throw refused(`it is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  throw refused('it must be one JSON object');
}

function explain(issue: z.core.$ZodIssue, known: readonly string[]): string {
  const path = issue.path.join('.') || 'the object';
  if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`;
  const meant = nearest(issue.keys[0] ?? '', known);
  return `${path}: ${issue.message}${meant ? `; did you mean "${meant}"?` : ''}`;
}

function read<T>(schema: z.ZodType<T>, value: object, known: readonly string[]): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refused(result.error.issues.map((issue) => explain(issue, known)).join('; '));
}

type Given = z.infer<typeof Overrides>;

function withDefaults({ objective, ...given }: Given): JudgeConfig {
  const overrides = Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined));
  return {
    ...judgeDefaults,
    ...overrides,
    objective: { ...judgeDefaults.objective, ...(objective as Partial<JudgeConfig['objective']>) },
  };
}

const configKeys = [...Object.keys(judgeDefaults), ...Object.keys(judgeDefaults.objective)];

function judge(value: object) {
  if ('looks' in value && !('series' in value)) {
    const known = [...Object.keys(Looks.shape), ...configKeys];
    const { looks, plannedLooks, config } = read(Looks, value, known);
    return judgeObjective({ looks, plannedLooks, config: withDefaults(config) });
  }
  const known = [...Object.keys(Ratio.shape), 'errors', 'requests', 'phi', 'tau', ...configKeys];
  const { baseline, series, config, plannedLooks, absoluteFloor } = read(Ratio, value, known);
  return judgeRatio({
    baseline: {
      ...baseline,
      phi: baseline.phi ?? 1,
      tau: baseline.tau ?? 0,
    },
    series,
    config: withDefaults(config),
    ...(plannedLooks === undefined ? {} : { plannedLooks }),
    ...(absoluteFloor === undefined ? {} : { absoluteFloor }),
  });
}

/**
 * Judge the text of a file: {baseline, config?, series, plannedLooks?, absoluteFloor?} by the ratio
 * test, or {looks, plannedLooks, config?} by the objective test. What the file leaves out is
 * judgeDefaults. UserError (exit 2) on anything else.
 */
export function judgeFile(text: string): Judgement {
  const result = judge(parsed(text));
  if (isInvalid(result)) throw refused(result.invalid);
  return result;
}
