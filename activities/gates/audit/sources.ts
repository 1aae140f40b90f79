import { readOr } from '../../lib/read-or.ts';
import type { Plan } from '../../../domain/deploy/plan.ts';
import type { AuditReading } from '../../../domain/gates/audit.ts';
import type { Audit } from '../../../domain/config/config.ts';
import type { Git } from '../../git/git.ts';
import type { GitHub } from '../../github/github.ts';
import type { AlertKind } from '../../github/alerts.ts';
import { transient } from '../../lib/fail.ts';
import { otherSource, runNpmAudit } from './npm.ts';
import { readDocument } from './read-files.ts';
import type { Document } from './read-files.ts';
import { readOffThread } from '../reports/off-thread.ts';

export type SourceDeps = {
  git: Pick<Git, 'readFile' | 'changedAt'>;
  /** null = GitHub is not configured. */
  github: Pick<GitHub, 'openAlerts' | 'lastAnalysis'> | null;
};
type Sources = Pick<Audit, 'npm' | 'pipAudit' | 'reports' | 'sarif' | 'github'>;
type Said = Omit<Extract<AuditReading, { state: 'read' }>, 'source'> | Failed;
type Failed = { state: 'failed'; why: string };
type Reader = (document: Document) => Promise<Said>;

const failed = (why: string): Failed => ({ state: 'failed', why });

/** Reads every configured source. If a source failed, its reading contains the reason. */
export async function readSources(
  deps: SourceDeps,
  plan: Plan,
  { npm = [], pipAudit = [], reports = [], sarif = [], github = [] }: Partial<Sources>,
): Promise<AuditReading[]> {
  const file = (path: string, read: Reader) =>
    readingOf(path, () => readFileSource(deps, plan, path, read));
  return Promise.all([
    ...npm.map((directory) =>
      readingOf(`npm audit of ${directory}`, () => npmAudit(deps, plan, directory)),
    ),
    ...pipAudit.map((path) => file(path, pipSource)),
    ...reports.map((path) => file(path, reportSource)),
    ...sarif.map((path) => file(path, sarifSource)),
    ...github.map((kind) => readingOf(`GitHub's ${kind}`, () => alerts(deps, plan, kind))),
  ]);
}

type Answer = Said | { state: 'unavailable'; why: string };

/**
 * Reads one source. After a final failure, the reading contains the reason. Throws every other
 * failure, because the source may be readable later.
 */
async function readingOf(source: string, read: () => Promise<Answer>): Promise<AuditReading> {
  const errors: string[] = [];
  const answer = await readOr<Answer>(errors, read, failed(''));
  return { source, ...(errors[0] === undefined ? answer : failed(errors[0])) };
}

async function readFileSource(
  { git }: SourceDeps,
  { target: { repository }, sha }: Plan,
  path: string,
  read: Reader,
): Promise<Said> {
  const document = await readDocument(git, { repository, sha }, path);
  if (document) return await read(document);
  const where = path.startsWith('/') ? "on the worker's machine" : 'in the tree of this commit';
  return failed(`the file is missing ${where}. Let the audit write it, or correct "audit"`);
}

const malformed = failed(
  'the file cannot be parsed, so its findings are unknown. Fix the tool that writes it',
);

/** The result if a file is above the limits for reading. */
const tooLarge = (why: string) =>
  failed(`${why}. Let the tool report less, or split the file and name every part under "audit"`);

async function pipSource({ text, at }: Document): Promise<Said> {
  const read = await readOffThread('pip', text);
  if ('tooMuch' in read) return tooLarge(read.tooMuch);
  return read.report ? { state: 'read', findings: read.report, sha: null, at } : malformed;
}

async function reportSource({ text }: Document): Promise<Said> {
  const read = await readOffThread('audit', text);
  if ('tooMuch' in read) return tooLarge(read.tooMuch);
  const { report } = read;
  if (!report) return malformed;
  const { findings, sha, at } = report;
  return { state: 'read', findings, sha, at };
}

async function sarifSource({ text, at: changed }: Document): Promise<Said> {
  const read = await readOffThread('sarif', text);
  if ('tooMuch' in read) return tooLarge(read.tooMuch);
  const log = read.report;
  if (log === 'malformed') return malformed;
  if (log === 'crashed') return failed('the file says that the tool failed. Run the tool again');
  if (log === 'elsewhere')
    return failed(
      'the results are in other files (externalPropertyFileReferences), which Plimsoll does not ' +
        'read. Write all results into this file',
    );
  return { state: 'read', findings: log.findings, sha: log.sha, at: log.at ?? changed };
}

async function npmAudit(
  { git }: SourceDeps,
  { target: { repository }, sha }: Plan,
  directory: string,
): Promise<Said> {
  const text = await runNpmAudit(git, { repository, sha }, directory);
  if (text === null)
    return failed('there is no package.json with a lock file. Commit both, or correct "audit.npm"');
  const read = await readOffThread('npm', text);
  if ('tooMuch' in read) return tooLarge(read.tooMuch);
  const { report } = read;
  if ('findings' in report) return { state: 'read', findings: report.findings, sha, at: null };
  if (report.again) throw transient(`The audit waits: ${report.why}.`);
  return failed(`${report.why}. ${otherSource}`);
}

async function alerts({ github }: SourceDeps, plan: Plan, kind: AlertKind): Promise<Answer> {
  if (!github || !plan.github)
    return failed(
      'GitHub is not configured for this project. Set "github: owner/name" and the token',
    );
  const reading = await github.openAlerts(plan.github, kind);
  if ('unavailable' in reading) return { state: 'unavailable', why: reading.unavailable };
  const { findings } = reading;
  if (kind !== 'code-scanning') return { state: 'read', findings, sha: plan.sha, at: null };
  const { github: repository, branch, sha } = plan;
  const last = await github.lastAnalysis({ repository, branch, sha });
  if (!last)
    return failed(`no scan ever ran on ${branch}. Scan this branch, or correct "audit.github"`);
  if (last.error !== '') return failed('the last analysis ended in an error. Repeat the analysis');
  return { state: 'read', findings, sha: last.sha, at: last.at };
}
