import { z } from 'zod';
import { judgeDefaults } from '../../domain/watch/judge/judge-defaults.ts';
import { judgeObjective } from '../../domain/watch/judge/judge-objective.ts';
import { judgeRatio } from '../../domain/watch/judge/judge-ratio.ts';
import { isInvalid, type Judgement } from '../../domain/watch/judge/judgement.ts';
import { nearest } from '../../domain/lib/nearest.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import type { JudgeConfig } from '../../domain/deploy/plan.ts';
import { UserError } from '../../domain/lib/user-error.ts';

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
/** The `config` of a file. Its keys may also be written with underscores: rho_bad, onset_weight. */
const Config = z.preprocess(camelCased, Overrides).default({});

/** Fields that a recorded case may have. The judge ignores them. */
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
  plannedSamples: z.number().optional(),
  absoluteFloor: z.number().optional(),
});
const Samples = z.strictObject({
  ...aside,
  samples: z.array(z.literal([0, 1])),
  plannedSamples: z.number(),
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
  'or {"samples":[0,0,1],"plannedSamples":180}, then run: ' +
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
  if ('samples' in value && !('series' in value)) {
    const known = [...Object.keys(Samples.shape), ...configKeys];
    const { samples, plannedSamples, config } = read(Samples, value, known);
    return judgeObjective({ samples, plannedSamples, config: withDefaults(config) });
  }
  const known = [...Object.keys(Ratio.shape), 'errors', 'requests', 'phi', 'tau', ...configKeys];
  const { baseline, series, config, plannedSamples, absoluteFloor } = read(Ratio, value, known);
  return judgeRatio({
    baseline: {
      ...baseline,
      phi: baseline.phi ?? 1,
      tau: baseline.tau ?? 0,
    },
    series,
    config: withDefaults(config),
    ...(plannedSamples === undefined ? {} : { plannedSamples }),
    ...(absoluteFloor === undefined ? {} : { absoluteFloor }),
  });
}

/**
 * Judges the text of a file. A file with `series` gets the ratio test: {baseline, config?, series,
 * plannedSamples?, absoluteFloor?}. A file with `samples` gets the objective test: {samples,
 * plannedSamples, config?}. Missing values come from judgeDefaults. For any other text, throws a
 * UserError (exit 2).
 */
export function judgeFile(text: string): Judgement {
  const result = judge(parsed(text));
  if (isInvalid(result)) throw refused(result.invalid);
  return result;
}
