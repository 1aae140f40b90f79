import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../client/program.ts';
import { loadConfig, parseConfig } from '../../worker/config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const decisions = readdirSync(join(root, 'docs/adr')).map((file) => `docs/adr/${file}`);
const guides = [
  'docs/add-a-platform.md',
  'docs/failure-modes.md',
  'docs/gates.md',
  'docs/operations.md',
  'docs/platforms.md',
  'docs/slack.md',
  'docs/tutorial.md',
];
const pages = ['README.md', 'CONTRIBUTING.md', 'AGENTS.md', ...guides, ...decisions];

/** What stands in fences of this language. */
const blocks = (text: string, language: string) =>
  [...text.matchAll(/^ *```(\w*)[^\n]*\n([\s\S]*?)^ *```$/gm)]
    .filter(([, named]) => named === language)
    .map(([, , body = '']) => body);

/** Everything a reader may type: lines of sh blocks, and code in a sentence. */
function commands(text: string): string[] {
  const lines = blocks(text, 'sh').flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'));
  const inline = [...text.replace(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`\n]+)`/g)];
  return [...lines, ...inline.map(([, code = '']) => code)].map((line) => line.trim());
}

/** Words as a shell takes them, "…" as one. */
const words = (line: string) =>
  (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"|"$/g, ''));

const isPlimsoll = (line: string) => /^(npx --no )?plimsoll [a-z]/.test(line);
/** What npm can without a package.json. */
const npmsOwn = ['install', 'ci'];
const isNpm = (line: string) => /^npm [a-z]/.test(line);

/** Exit code of the real parser; nothing is executed. */
async function parsed(line: string): Promise<string> {
  let chosen = 'nothing was chosen';
  const program = createProgram(async () => void (chosen = 'understood'));
  const quiet = { writeOut() {}, writeErr() {} };
  for (const command of [program, ...program.commands])
    command.configureOutput(quiet).exitOverride();
  const [, rest = ''] = line.split(/plimsoll (.*)/);
  try {
    await program.parseAsync(words(rest), { from: 'user' });
    return chosen;
  } catch (error) {
    return (error as Error).message;
  }
}

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('names only commands and options that the program has', async () => {
    const lines = commands(text).filter(isPlimsoll);
    const answers = await Promise.all(lines.map(async (line) => [line, await parsed(line)]));
    expect(answers).toEqual(lines.map((line) => [line, 'understood']));
  });

  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = commands(text)
      .filter(isNpm)
      .map((line) => words(line)[line.startsWith('npm run') ? 2 : 1]);
    const known = (script = '') => npmsOwn.includes(script) || script in scripts;
    expect(named.filter((script) => !known(script))).toEqual([]);
  });

  it('links only to files and headings that are there', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !isThere(page, link))).toEqual([]);
  });

  it('names only paths of this repository that are there', () => {
    const named = [...text.matchAll(/`([\w.{},/-]+\/[\w.{},/-]*)`/g)].flatMap(([, path = '']) =>
      spread(path),
    );
    const ours = named.filter((path) => topLevel.includes(path.split('/')[0] ?? ''));
    expect(ours.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

const topLevel = readdirSync(root).filter((name) => name !== 'node_modules');

/** `a/{b,c}.ts` as a shell takes it. */
function spread(path: string): string[] {
  const [, before = '', inside = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  return inside ? inside.split(',').map((part) => before + part + after) : [path];
}

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

function isThere(page: string, link: string): boolean {
  if (/^https?:/.test(link)) return true;
  const [path = '', anchor] = link.split('#');
  const file = path ? relative(root, join(root, dirname(page), path)) : page;
  if (!existsSync(join(root, file))) return false;
  const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => anchorOf(text));
  return anchor === undefined || headings.includes(anchor);
}

it('the configuration in the README is accepted, and has at most twelve lines', () => {
  const [yaml = ''] = blocks(read('README.md'), 'yaml');
  const config = parseConfig(yaml, 'README.md');
  expect(Object.keys(config.projects['shop']?.environments ?? {})).toEqual(['production']);
  expect(yaml.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
});

it('the example that the README links is accepted', async () => {
  await expect(loadConfig(join(root, 'examples/plimsoll.yaml'))).resolves.toBeDefined();
});

it('the example for CI is YAML, and its steps are commands that the program has', async () => {
  const { jobs } = parse(read('examples/github-actions.yml')) as {
    jobs: Record<string, { steps: { run?: string }[] }>;
  };
  const runs = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));
  const ours = runs.filter(isPlimsoll);
  expect(ours).toHaveLength(1);
  expect(await parsed(ours[0] ?? '')).toBe('understood');
  expect(read('README.md')).toContain(ours[0]);
});

it('the README takes a first deploy through all it needs', () => {
  const verbs = (text: string) =>
    commands(text)
      .filter(isPlimsoll)
      .map((line) => line.split(' ')[3]);
  expect(verbs(read('README.md'))).toEqual(
    expect.arrayContaining(['up', 'plan', 'deploy', 'approve', 'watch', 'rollback']),
  );
});

it('the page for the night explains every phase and every outcome', () => {
  const text = read('docs/operations.md');
  const phases = [
    'planning',
    'preflight',
    'approval',
    'release',
    'smoke',
    'watch',
    'ask',
    'settle',
  ];
  const outcomes = ['succeeded', 'unproven', 'gate-closed', 'rejected', 'expired', 'aborted'];
  const all = [...phases, 'restore', ...outcomes, 'rolled-back', 'restore-failed'];
  expect(all.filter((word) => !text.includes(`\`${word}\``))).toEqual([]);
});

it('AGENTS.md is short enough to be read', () => {
  expect(read('AGENTS.md').split('\n').length).toBeLessThanOrEqual(41);
});
