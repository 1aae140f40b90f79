import { basename, extname, parse } from 'node:path';
import type { File } from './wrangler-file.ts';

/** The settings that only the bundler or the build of a framework needs. */
const notForUpload = [
  ...['$schema', 'build', 'define', 'alias', 'minify', 'keep_names', 'tsconfig'],
  ...['jsx_factory', 'jsx_fragment', 'base_dir', 'preserve_file_names', 'dev', 'send_metrics'],
  ...['account_id', 'main', 'no_bundle', 'find_additional_modules', 'rules', 'env'],
  ...['configPath', 'userConfigPath', 'topLevelName', 'definedEnvironments', 'targetEnvironment'],
];

type Section = Omit<File, 'env'>;
type Rule = { type: string; globs: string[]; fallthrough?: boolean };

/**
 * The values that the upload needs. They come from the section of one environment, or from the top
 * level.
 */
export type Effective = {
  /** The file that the bundler starts with. null means that the Worker has only assets. */
  main: string | null;
  noBundle: boolean;
  rules: Rule[];
  /**
   * The directory of the assets, relative to the configuration. null means that there are no
   * assets.
   */
  assets: string | null;
  /** The section that applies. An environment does not inherit bindings from the top level. */
  section: Section;
};

/**
 * Reads the values of an environment, including the values that the environment inherits from the
 * top level.
 */
export function effectiveOf(file: File, environment: string | null): Effective {
  const section: Section = (environment === null ? null : file.env?.[environment]) ?? file;
  const inherited = (name: string): unknown => section[name] ?? file[name];
  const main = inherited('main');
  const directory = (inherited('assets') as { directory?: unknown } | undefined)?.directory;
  const isPython = typeof main === 'string' && extname(main) === '.py';
  return {
    main: typeof main === 'string' ? main : null,
    noBundle: inherited('no_bundle') === true || isPython,
    rules: (inherited('rules') as Rule[] | undefined) ?? [],
    assets: typeof directory === 'string' ? directory : null,
    section,
  };
}

/** Returns the name of the file that `wrangler deploy --dry-run --outdir` writes for `main`. */
export const bundleName = (main: string, noBundle: boolean) =>
  noBundle ? basename(main) : `${parse(main).name}.js`;

type Output = { account: string; bundled: boolean; assets: string | null };

/**
 * Returns wrangler's configuration for an output that is already bundled. `bundled` is false if the
 * command needs no code. `assets` is the absolute path of the assets. null means that there are no
 * assets, or that the command does not need them.
 */
export function uploadFile(
  file: File,
  environment: string | null,
  { account, bundled, assets }: Output,
): Record<string, unknown> {
  const { main, noBundle, rules } = effectiveOf(file, environment);
  const env = environment === null ? undefined : file.env?.[environment];
  const placed = (section: Section) => withoutKeys(section, assets);
  return {
    ...placed(file),
    account_id: account,
    ...(main === null || !bundled
      ? {}
      : {
          main: bundleName(main, noBundle),
          no_bundle: true,
          find_additional_modules: true,
          rules: rules.map(anywhere),
        }),
    ...(environment === null || !env ? {} : { env: { [environment]: placed(env) } }),
  };
}

/**
 * Returns the rule without its directories. The bundler changes the names and directories of
 * modules, but keeps the ends of the names.
 */
const anywhere = ({ globs, ...rule }: Rule): Rule => ({
  ...rule,
  globs: [...new Set(globs.flatMap((glob) => [glob, ...byEnding(glob)]))],
});

const byEnding = (glob: string) => (/\.[^./*]+$/.exec(glob) ?? []).map((end) => `**/*${end}`);

function withoutKeys(section: Section, assets: string | null): Record<string, unknown> {
  const kept = Object.entries(section).filter(([name]) => !notForUpload.includes(name));
  const fields: Record<string, unknown> = Object.fromEntries(kept);
  const { assets: own, ...rest } = fields;
  if (typeof own !== 'object' || own === null || assets === null) return rest;
  return { ...rest, assets: { ...own, directory: assets } };
}
