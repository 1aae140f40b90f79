import type { Reply } from '../http.ts';
import { ok, page, problem, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import type { RepositoryState, Schemas } from './state.ts';

type AlertKind = 'code-scanning' | 'dependabot' | 'secret-scanning';
type CodeAlertInput = {
  rule: string;
  level: 'critical' | 'high' | 'medium' | 'low' | null;
  /** Severity of the rule. Used only if `level` is null. Default: error. */
  severity?: 'error' | 'warning' | 'note' | 'none' | null;
  path: string;
};
type DependabotInput = {
  ghsa: string;
  severity: 'critical' | 'high' | 'medium' | 'low';
  package: string;
  summary: string;
};

/**
 * The findings of the scanners of one repository. The value is null if the repository does not have
 * the scanner. With `never-ran`, the scanner has no run yet. With `out-of-scope`, the token may not
 * read the findings.
 */
export type AlertState = {
  'code-scanning': CodeAlertInput[] | null | 'never-ran' | 'out-of-scope';
  dependabot: DependabotInput[] | null;
  'secret-scanning': { type: string }[] | null;
  /**
   * Runs of code scanning, newest first. If absent, there is one run at the current time, with 40
   * zeros as its commit.
   */
  analyses?: { ref?: string; sha: string; at: string; error?: string }[];
};
export const noAlerts = (): AlertState => ({
  'code-scanning': null,
  dependabot: null,
  'secret-scanning': null,
});

const at = '2026-01-01T00:00:00Z';

const codeAlert = ({ site, name }: Request, number: number, input: CodeAlertInput) => {
  const url = `${site.url}/repos/${name}/code-scanning/alerts/${number}`;
  return {
    number,
    created_at: at,
    url,
    html_url: `${site.url}/${name}/security/code-scanning/${number}`,
    instances_url: `${url}/instances`,
    state: 'open',
    fixed_at: null,
    dismissed_by: null,
    dismissed_at: null,
    dismissed_reason: null,
    dismissed_comment: null,
    rule: {
      id: input.rule,
      severity: input.severity === undefined ? 'error' : input.severity,
      security_severity_level: input.level,
      description: `breaks ${input.rule}`,
      name: input.rule,
      tags: ['security'],
    },
    tool: { name: 'CodeQL', guid: null, version: '2.20.0' },
    most_recent_instance: {
      ref: 'refs/heads/main',
      analysis_key: '.github/workflows/codeql.yml:analyze',
      category: '.github/workflows/codeql.yml:analyze',
      environment: '{}',
      state: 'open',
      commit_sha: '0'.repeat(40),
      message: { text: 'see the rule' },
      location: { path: input.path, start_line: 1, end_line: 1, start_column: 1, end_column: 2 },
      classifications: [],
    },
  } satisfies Schemas['code-scanning-alert-items'];
};

const dependabotAlert = ({ site, name }: Request, number: number, input: DependabotInput) => {
  const vulnerability = {
    package: { ecosystem: 'npm', name: input.package },
    severity: input.severity,
    vulnerable_version_range: '< 2.0.0',
    first_patched_version: { identifier: '2.0.0' },
  };
  return {
    number,
    state: 'open',
    dependency: {
      package: vulnerability.package,
      manifest_path: 'package-lock.json',
      scope: 'runtime',
    },
    security_advisory: {
      ghsa_id: input.ghsa,
      cve_id: null,
      summary: input.summary,
      description: input.summary,
      severity: input.severity,
      vulnerabilities: [vulnerability],
      cvss: { score: 0, vector_string: null },
      cwes: [],
      identifiers: [{ type: 'GHSA', value: input.ghsa }],
      references: [],
      published_at: at,
      updated_at: at,
      withdrawn_at: null,
    },
    security_vulnerability: vulnerability,
    url: `${site.url}/repos/${name}/dependabot/alerts/${number}`,
    html_url: `${site.url}/${name}/security/dependabot/${number}`,
    created_at: at,
    updated_at: at,
    dismissed_at: null,
    dismissed_by: null,
    dismissed_reason: null,
    dismissed_comment: null,
    fixed_at: null,
  } satisfies Schemas['dependabot-alert'];
};

const secretAlert = ({ site, name }: Request, number: number, { type }: { type: string }) =>
  ({
    number,
    created_at: at,
    url: `${site.url}/repos/${name}/secret-scanning/alerts/${number}`,
    html_url: `${site.url}/${name}/security/secret-scanning/${number}`,
    state: 'open',
    resolution: null,
    secret_type: type,
    secret_type_display_name: type,
    secret: 'never-to-be-read',
  }) satisfies Schemas['secret-scanning-alert'];

/** The errors that GitHub returns for a repository without the scanner. */
const withoutScanner: Record<AlertKind, () => Reply> = {
  'code-scanning': () =>
    problem(403, 'Advanced Security must be enabled for this repository to use code scanning.'),
  dependabot: () => problem(403, 'Dependabot alerts are disabled for this repository.'),
  'secret-scanning': () => problem(404, 'Secret scanning is disabled on this repository.'),
};

function listed<T>(
  request: Request,
  kind: AlertKind,
  all: T[] | null,
  shape: (it: T, n: number) => object,
) {
  if (!all) return withoutScanner[kind]();
  const { items, headers } = page(
    request,
    all.map((it, index) => shape(it, index + 1)),
  );
  return { ...ok(items), headers };
}

const answer = (kind: AlertKind, state: RepositoryState, request: Request): Reply => {
  const { alerts } = state;
  if (kind === 'dependabot')
    return listed(request, kind, alerts[kind], (it, n) => dependabotAlert(request, n, it));
  if (kind === 'secret-scanning')
    return listed(request, kind, alerts[kind], (it, n) => secretAlert(request, n, it));
  const code = alerts[kind];
  if (code === 'never-ran') return problem(404, 'no analysis found');
  if (code === 'out-of-scope')
    return problem(403, 'You are not authorized to read code scanning alerts.');
  return listed(request, kind, code, (it, n) => codeAlert(request, n, it));
};

const main = 'refs/heads/main';

/**
 * Returns the runs of code scanning. If there is no run, the response is 404, not an empty
 * list. GitHub does the same.
 */
function analyses({ state, site, name, call: { query } }: Request): Reply {
  const now = [{ sha: '0'.repeat(40), at: new Date().toISOString() }];
  const all: NonNullable<AlertState['analyses']> = state.alerts.analyses ?? now;
  const wanted = query.get('ref');
  const found = all.filter(({ ref = main }) => wanted === null || ref === wanted);
  if (found.length === 0) return problem(404, 'no analysis found');
  return ok(
    found.map(
      ({ ref = main, sha, at: created_at, error = '' }, index) =>
        ({
          id: found.length - index,
          ref,
          commit_sha: sha,
          created_at,
          error,
          warning: '',
          analysis_key: '.github/workflows/codeql.yml:analyze',
          category: '.github/workflows/codeql.yml:analyze',
          environment: '{}',
          results_count: 0,
          rules_count: 1,
          sarif_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
          tool: { name: 'CodeQL', guid: null, version: '2.20.0' },
          url: `${site.url}/repos/${name}/code-scanning/analyses/${found.length - index}`,
          deletable: true,
        }) satisfies Schemas['code-scanning-analysis'],
    ),
  );
}

/** Under the fault `lying-status`, every scanner reports no findings. */
export const alertRoutes: Route[] = [
  route('GET /repos/{owner}/{repo}/code-scanning/analyses', (request) => ({
    read: () => analyses(request),
  })),
  ...(['code-scanning', 'dependabot', 'secret-scanning'] as const).map((kind) =>
    route(`GET /repos/{owner}/{repo}/${kind}/alerts`, (request) => ({
      read: () => answer(kind, request.state, request),
      lie: () => ok([]),
    })),
  ),
];
