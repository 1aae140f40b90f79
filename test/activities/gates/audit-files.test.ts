import { describe, expect, test } from 'vitest';
import { readAuditReport } from '../../../activities/gates/audit/audit-report.ts';
import { unlocked } from '../../../activities/gates/audit/npm-lock.ts';
import { readNpmReport } from '../../../activities/gates/audit/npm-report.ts';
import { readPipAudit } from '../../../activities/gates/audit/pip-audit.ts';
import { readSarif } from '../../../activities/gates/audit/sarif.ts';

const text = (value: unknown) => JSON.stringify(value);
const broken = ['', '{', 'null', '[]', '{}', '<html>502 Bad Gateway</html>'];

describe('npm audit --json', () => {
  const advisory = {
    ...{ source: 1179, name: 'minimist', title: 'Prototype Pollution', severity: 'high' },
    url: 'https://github.com/advisories/GHSA-vh95-rmgr-6w4m',
  };
  const report = (vulnerabilities: object, total = Object.keys(vulnerabilities).length) => ({
    ...{ auditReportVersion: 2, vulnerabilities },
    metadata: { vulnerabilities: { total }, dependencies: { total: 12 } },
  });
  const both = report({
    minimist: { severity: 'high', via: [advisory] },
    mkdirp: { severity: 'high', via: ['minimist'] },
  });

  test('names each advisory once, by its GHSA', () => {
    expect(readNpmReport(text(both))).toEqual({
      findings: [
        {
          ...{ id: 'GHSA-vh95-rmgr-6w4m', severity: 'high' },
          ...{ title: 'Prototype Pollution', where: 'minimist' },
        },
      ],
    });
    expect(readNpmReport(text(report({})))).toEqual({ findings: [] });
  });

  test.each([
    ...broken,
    text(both).slice(0, -40),
    text(report({}, 3)),
    text(report({ a: { severity: 'high', via: ['b'] } })),
    text({ ...both, auditReportVersion: 1 }),
    text(report({ a: { severity: 'awful', via: [] } })),
  ])('is malformed: %s', (malformed) => {
    expect(readNpmReport(malformed)).toEqual({
      ...{ why: 'npm audit answered in an unknown form', again: false },
    });
  });

  test.each([
    [{ statusCode: 405, error: { summary: '' } }, '405', false],
    [{ statusCode: 404, error: {} }, '404', false],
    [{ statusCode: 429, error: {} }, '429', true],
    [{ statusCode: 503, error: {} }, '503', true],
    [{ message: 'connect ECONNREFUSED', error: { summary: '' } }, 'no answer', true],
    [{ error: { code: 'ENOAUDIT' } }, 'ENOAUDIT', true],
  ])('that had no answer is none: %j', (problem, code, again) => {
    const why = `the registry gave npm audit no answer (${code})`;
    expect(readNpmReport(text(problem))).toEqual({ why, again });
  });
});

describe('what the manifest names and the lock file lacks', () => {
  const lockOf = (...paths: string[]) =>
    text({ lockfileVersion: 3, packages: Object.fromEntries(paths.map((path) => [path, {}])) });
  const evil = { evil: '^1.0.0' };

  test.each<[string, object, string, string[]]>([
    ['nothing', { dependencies: evil }, lockOf('', 'node_modules/evil'), []],
    ['a dependency', { dependencies: evil }, lockOf(''), ['evil']],
    ['one for development', { devDependencies: evil }, lockOf(''), ['evil']],
    ['an optional one', { optionalDependencies: evil }, lockOf(''), ['evil']],
    [
      'one that only another package has',
      { dependencies: evil },
      lockOf('', 'node_modules/x', 'node_modules/x/node_modules/evil'),
      ['evil'],
    ],
    [
      'one that only a workspace has',
      { dependencies: evil },
      lockOf('', 'apps/x/node_modules/evil'),
      ['evil'],
    ],
    [
      'one in a part that npm does not read',
      { dependencies: evil },
      text({ packages: { '': {} }, dependencies: { evil: {} } }),
      ['evil'],
    ],
    [
      'nothing, in a lock file of version 1',
      { dependencies: evil },
      text({ lockfileVersion: 1, dependencies: { evil: {} } }),
      [],
    ],
  ])('%s', (_, manifest, lock, lacks) => {
    expect(unlocked(text(manifest), lock)).toEqual(lacks);
  });
});

describe('pip-audit --format json', () => {
  test('has every vulnerability, its severity unknown, and packages that were left out', () => {
    const report = {
      dependencies: [
        { name: 'flask', version: '0.5', vulns: [{ id: 'PYSEC-2019-179', fix_versions: ['1.0'] }] },
        { name: 'idna', version: '3.4', vulns: [{ id: 'GHSA-jjg7-2v4v-x38h', fix_versions: [] }] },
        { name: 'ours', skip_reason: 'not on PyPI' },
        { name: 'fine', version: '1', vulns: [] },
      ],
      fixes: [],
    };
    const severity = 'unknown';
    expect(readPipAudit(text(report))).toEqual([
      { id: 'PYSEC-2019-179', severity, where: 'flask 0.5', title: 'fixed in 1.0' },
      { id: 'GHSA-jjg7-2v4v-x38h', severity, where: 'idna 3.4', title: 'not fixed yet' },
      {
        ...{ id: 'skipped:ours', severity, where: 'ours' },
        title: 'pip-audit skipped this package, so nothing is known about it',
      },
    ]);
  });

  test('knows nothing about a package that has a reason and an empty list', () => {
    const both = { name: 'ours', version: '1', vulns: [], skip_reason: 'not on PyPI' };
    expect(readPipAudit(text({ dependencies: [both] }))).toMatchObject([{ id: 'skipped:ours' }]);
    const vulns = [{ id: 'PYSEC-1' }];
    expect(readPipAudit(text({ dependencies: [{ ...both, vulns }] }))).toBe(null);
  });

  test('begins with a byte order mark', () => {
    const fine = { dependencies: [{ name: 'fine', version: '1', vulns: [] }] };
    expect(readPipAudit(`\uFEFF${text(fine)}`)).toEqual([]);
  });

  test.each([...broken, text({ dependencies: [] }), text({ dependencies: [{ name: 'a' }] })])(
    'is malformed: %s',
    (malformed) => expect(readPipAudit(malformed)).toBe(null),
  );
});

describe('an audit report', () => {
  const report = {
    ...{ sha: 'a'.repeat(40), date: '2026-11-20T10:00:00+01:00', auditor: 'Ana, by hand' },
    findings: [
      { id: 'PT-1', severity: 'high', title: 'the cart trusts its price', where: 'POST /cart' },
      { id: 'PT-2', severity: 'critical', title: 'old', status: 'fixed' },
      { id: 'PT-3', severity: 'low', title: 'a banner' },
    ],
  };

  test('has who, when, of which commit, and what is open', () => {
    expect(readAuditReport(text(report))).toEqual({
      ...{ sha: 'a'.repeat(40), at: '2026-11-20T09:00:00.000Z', auditor: 'Ana, by hand' },
      findings: [
        { id: 'PT-1', severity: 'high', title: 'the cart trusts its price', where: 'POST /cart' },
        { id: 'PT-3', severity: 'low', title: 'a banner', where: 'the project' },
      ],
    });
  });

  test.each([
    [{ severity: 'bad' }, 'unknown'],
    [{}, 'unknown'],
    [{ severity: null }, 'unknown'],
    [{ severity: 'None' }, 'unknown'],
    [{ severity: 'Medium' }, 'moderate'],
    [{ severity: 'HIGH', status: 'closed' }, 'high'],
    [{ severity: 'high', status: '' }, 'high'],
  ])('has a finding that is open and as bad as it says: %j', (over, severity) => {
    const findings = [{ id: 'PT-1', title: 'x', ...over }];
    expect(readAuditReport(text({ ...report, findings }))?.findings).toEqual([
      { id: 'PT-1', title: 'x', where: 'the project', severity },
    ]);
  });

  test.each([
    ...broken,
    text(report).slice(0, -3),
    text({ ...report, sha: 'abc' }),
    text({ ...report, date: 'yesterday' }),
    text({ ...report, auditor: '' }),
    text({ ...report, findings: undefined }),
    text({ ...report, finding: [] }),
  ])('is malformed: %s', (malformed) => expect(readAuditReport(malformed)).toBe(null));
});

describe('SARIF 2.1.0', () => {
  const at = (uri: string, startLine: number) => [
    { physicalLocation: { artifactLocation: { uri }, region: { startLine } } },
  ];
  const rule = (id: string, score?: string, level?: string) => ({
    ...{ id, properties: score === undefined ? {} : { 'security-severity': score } },
    ...(level ? { defaultConfiguration: { level } } : {}),
  });
  const rules = [rule('sqli', '9.8'), rule('xss', '7.0'), rule('style', undefined, 'note')];
  const result = (over: object) => ({ ruleId: 'sqli', message: { text: 'tainted' }, ...over });
  const log = (results: object[], run: object = {}) => ({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'CodeQL', rules } }, results, ...run }],
  });
  const severities = (results: object[]) => {
    const read = readSarif(text(log(results)));
    return typeof read === 'string' ? read : read.findings.map(({ severity }) => severity);
  };

  test('is read by security-severity, else by level, with its place', () => {
    const read = readSarif(text(log([result({ locations: at('src/db.ts', 7) })])));
    expect(read).toEqual({
      ...{ sha: null, at: null },
      findings: [
        { id: 'sqli@src/db.ts', severity: 'critical', title: 'tainted', where: 'src/db.ts:7' },
      ],
    });
    const byRule = [{ ruleId: 'xss' }, { ruleIndex: 2, ruleId: undefined }, { ruleId: 'none' }];
    expect(severities(byRule.map(result))).toEqual(['high', 'low', 'unknown']);
    const own = [
      { properties: { 'security-severity': '4.1' } },
      { properties: { 'security-severity': 'awful' } },
      { ruleId: 'none', level: 'error' },
    ];
    expect(severities(own.map(result))).toEqual(['moderate', 'unknown', 'high']);
  });

  const withExtension = {
    driver: { name: 'CodeQL', guid: 'd', rules: [rule('sqli', '1.0'), rule('CA1000', '9.8')] },
    extensions: [
      { name: 'pack', guid: 'p', rules: [rule('sqli', '9.8'), rule('js/xss', '7.1')] },
      { name: 'empty' },
    ],
  };
  const pack = (over: object) => ({ toolComponent: { index: 0 }, ...over });
  const severityIn = (over: object) => {
    const read = readSarif(text(log([result(over)], { tool: withExtension })));
    return typeof read === 'string' ? read : read.findings.map(({ severity }) => severity)[0];
  };

  test.each<[string, object, string]>([
    ['the driver, where no component is named', { rule: { index: 0 } }, 'low'],
    ['the extension that is named', { rule: pack({ index: 0 }) }, 'critical'],
    [
      'that extension, by its name',
      { rule: { index: 0, toolComponent: { name: 'pack' } } },
      'critical',
    ],
    [
      'that extension, by its guid',
      { rule: { index: 0, toolComponent: { guid: 'p' } } },
      'critical',
    ],
    ['that extension, for ruleIndex as well', { ruleIndex: 0, rule: pack({}) }, 'critical'],
    ['the id in that extension', { rule: pack({ id: 'sqli' }) }, 'critical'],
    ['a hierarchical id', { ruleId: 'CA1000/1', ruleIndex: 1, level: 'note' }, 'critical'],
    ['a hierarchical id alone', { ruleId: 'CA1000/1/2', level: 'note' }, 'critical'],
    ['an id with slashes of its own', { ruleId: 'js/xss', level: 'note' }, 'high'],
    ['the index, where no rule has that id', { ruleId: 'other', ruleIndex: 1 }, 'critical'],
    ['no rule of a name that only begins so', { ruleId: 'CA10001', level: 'note' }, 'low'],
    ['an index of none', { ruleIndex: -1, level: 'note' }, 'low'],
    ['an index where no rule is', { ruleIndex: 7, level: 'note' }, 'unknown'],
    ['an extension that is not there', { rule: pack({ toolComponent: { index: 4 } }) }, 'unknown'],
    [
      'an extension without that rule',
      { rule: { index: 0, toolComponent: { name: 'empty' } }, level: 'note' },
      'unknown',
    ],
  ])('is of %s', (_, over, severity) => {
    expect(severityIn({ ruleId: undefined, ...over })).toBe(severity);
  });

  test('is of the rule with that guid, wherever it is', () => {
    const tool = { driver: { rules: [{ ...rule('a', '9.8'), guid: 'g' }] } };
    const read = readSarif(text(log([{ rule: { guid: 'g' }, level: 'note' }], { tool })));
    expect(read).toMatchObject({ findings: [{ id: 'a@the_project', severity: 'critical' }] });
  });

  test.each([
    ['', 'unknown'],
    ['  ', 'unknown'],
    ['-1', 'unknown'],
    ['11', 'unknown'],
    ['NaN', 'unknown'],
    ['0.0', 'unknown'],
    ['0', 'unknown'],
    [0, 'unknown'],
    ['-0.0', 'unknown'],
    ['0.1', 'low'],
    [9.8, 'critical'],
  ])('a security-severity of %j is %s', (score, severity) => {
    expect(severityIn({ properties: { 'security-severity': score } })).toBe(severity);
  });

  const of = (name: string, one: object, results: object[]) => {
    const read = readSarif(text(log(results, { tool: { driver: { name, rules: [one] } } })));
    return typeof read === 'string' ? read : read.findings.map(({ severity }) => severity);
  };

  test.each<[string, string, object, object, string]>([
    ['Gitleaks: no level', 'gitleaks', { id: 'a' }, {}, 'unknown'],
    ['an empty configuration', 'x', { id: 'a', defaultConfiguration: {} }, {}, 'unknown'],
    ['a level of null', 'x', { id: 'a' }, { level: null }, 'unknown'],
    ['a level that SARIF does not know', 'x', { id: 'a' }, { level: 'critical' }, 'unknown'],
    ['an empty level', 'x', { id: 'a' }, { level: '' }, 'unknown'],
    ['a level in capitals', 'x', { id: 'a' }, { level: 'Error' }, 'high'],
    [
      'Trivy: a severity that it does not know',
      'Trivy',
      rule('a', '0.0', 'note'),
      { level: 'note' },
      'unknown',
    ],
    ['Trivy: no severity at all', 'Trivy', rule('a', '0.0', 'none'), { level: 'none' }, 'unknown'],
    ['Checkov', 'Checkov', rule('a', '0.0', 'error'), { level: 'error' }, 'unknown'],
    [
      'a score of the result that says nothing, and one of the rule',
      'x',
      rule('a', '7.5'),
      { properties: { 'security-severity': '0.0' } },
      'unknown',
    ],
    ['OSV-Scanner without a score', 'osv-scanner', { id: 'a' }, { level: 'warning' }, 'unknown'],
    ['OSV-Scanner with a score', 'osv-scanner', rule('a', '8.6'), { level: 'warning' }, 'high'],
    ['KICS: only information', 'KICS', rule('a', undefined, 'none'), { kind: 'fail' }, 'info'],
    ['BinSkim leaves out "warning"', 'BinSkim', { id: 'a' }, {}, 'moderate'],
    [
      'CodeQL: a recommendation',
      'CodeQL',
      { id: 'a', defaultConfiguration: {}, properties: { 'problem.severity': 'recommendation' } },
      {},
      'low',
    ],
    ['a result that a person must judge', 'x', { id: 'a' }, { kind: 'review' }, 'unknown'],
    ['and its level is none', 'x', { id: 'a' }, { kind: 'open', level: 'none' }, 'unknown'],
  ])('%s', (_, name, ofRule, over, severity) => {
    expect(of(name, ofRule, [result({ ruleId: 'a', ...over })])).toEqual([severity]);
  });

  test.each<[string, object, object, string]>([
    ['by id', { id: 'a' }, {}, 'high'],
    ['by index', { index: 0 }, {}, 'high'],
    ['by guid', { guid: 'g' }, {}, 'high'],
    ['of another rule', { id: 'b' }, {}, 'low'],
    ['below the level of the result', { id: 'a' }, { level: 'warning' }, 'moderate'],
  ])('a run of a tool gives its rule another level: %s', (_, descriptor, over, severity) => {
    const rules = [{ id: 'a', guid: 'g', defaultConfiguration: { level: 'note' } }];
    const ruleConfigurationOverrides = [{ descriptor, configuration: { level: 'error' } }];
    const read = readSarif(
      text(
        log([result({ ruleId: 'a', ...over })], {
          tool: { driver: { name: 'x', rules } },
          invocations: [{ executionSuccessful: true, ruleConfigurationOverrides }],
        }),
      ),
    );
    expect(read).toMatchObject({ findings: [{ severity }] });
  });

  test.each<[string, object, string]>([
    ['by id', { id: 'a', toolComponent: { index: 0 } }, 'high'],
    ['by index', { index: 0, toolComponent: { name: 'pack' } }, 'high'],
    ['by an index that is wrong there', { index: 3, toolComponent: { index: 0 } }, 'high'],
    ['in the driver', { id: 'a' }, 'low'],
    ['in the driver, by a part of its id', { id: 'a/1' }, 'high'],
  ])(
    'a level for the rule of an extension is not for the driver: %s',
    (_, descriptor, severity) => {
      const rules = [{ id: 'a', defaultConfiguration: { level: 'error' } }];
      const extensions = [{ name: 'pack', rules: [{ id: 'a' }] }];
      const ruleConfigurationOverrides = [{ descriptor, configuration: { level: 'note' } }];
      const invocations = [{ executionSuccessful: true, ruleConfigurationOverrides }];
      const tool = { driver: { name: 'x', rules }, extensions };
      const read = readSarif(text(log([result({ ruleId: 'a' })], { tool, invocations })));
      expect(read).toMatchObject({ findings: [{ severity }] });
    },
  );

  test('a level in capitals counts like the same level in small letters', () => {
    const pass = { kind: 'pass', level: 'Error' };
    expect(severities([result({ ruleId: 'none', ...pass })])).toEqual(['high']);
    const review = { kind: 'review', level: 'NONE' };
    expect(severities([result({ ruleId: 'none', ...review })])).toEqual(['unknown']);
    const toolExecutionNotifications = [{ level: 'Error' }];
    const invocations = [{ executionSuccessful: true, toolExecutionNotifications }];
    expect(readSarif(text(log([], { invocations })))).toBe('crashed');
  });

  test('begins with a byte order mark', () => {
    expect(readSarif(`\uFEFF${text(log([]))}`)).toEqual({ sha: null, at: null, findings: [] });
  });

  test('whose results are in other files is no answer', () => {
    const externalPropertyFileReferences = { results: [{ location: { uri: 'a.json' } }] };
    expect(readSarif(text(log([], { externalPropertyFileReferences })))).toBe('elsewhere');
  });

  test('a sub-rule keeps its whole id, for waivers', () => {
    const read = readSarif(text(log([result({ ruleId: 'sqli/2' })])));
    expect(read).toMatchObject({ findings: [{ id: 'sqli/2@CodeQL', severity: 'critical' }] });
  });

  test.each([
    [{ suppressions: [{ status: 'accepted' }] }, 0],
    [{ suppressions: [{}] }, 0],
    [{ suppressions: [{ status: 'underReview' }] }, 1],
    [{ suppressions: [] }, 1],
    [{ baselineState: 'absent' }, 0],
    [{ baselineState: 'unchanged' }, 1],
    [{ kind: 'pass' }, 0],
    [{ kind: 'review' }, 1],
    [{ kind: 'odd' }, 1],
    [{ kind: 'informational', level: 'error' }, 1],
    [{ baselineState: 'odd' }, 1],
  ])('%j leaves %i open', (over, open) => {
    expect(severities([result(over)])).toHaveLength(open);
  });

  test('says of which commit it is, and when it ended', () => {
    const versionControlProvenance = [{ repositoryUri: 'x', revisionId: 'a'.repeat(40) }];
    const invocations = [{ executionSuccessful: true, endTimeUtc: '2026-11-20T10:00:00Z' }];
    expect(readSarif(text(log([], { versionControlProvenance, invocations })))).toEqual({
      ...{ sha: 'a'.repeat(40), at: '2026-11-20T10:00:00Z', findings: [] },
    });
  });

  test('of a tool that did not end well is no answer', () => {
    const invocations = [{ executionSuccessful: false }];
    expect(readSarif(text(log([], { invocations })))).toBe('crashed');
  });

  test.each([
    ['toolExecutionNotifications', 'error', 'crashed'],
    ['toolConfigurationNotifications', 'error', 'crashed'],
    ['toolExecutionNotifications', 'warning', { sha: null, at: null, findings: [] }],
    ['toolExecutionNotifications', undefined, { sha: null, at: null, findings: [] }],
  ])('with %s of level %s is %j', (name, level, answer) => {
    const told = { message: { text: 'out of memory' }, ...(level ? { level } : {}) };
    const invocations = [{ executionSuccessful: true, [name]: [told] }];
    expect(readSarif(text(log([], { invocations })))).toEqual(answer);
  });

  test.each([
    ...broken,
    text({ version: '2.1.0', runs: [] }),
    text({ version: '2.0.0', runs: log([]).runs }),
    text(log([], { results: undefined })),
    text(log([])).slice(0, -2),
  ])('is malformed: %s', (malformed) => expect(readSarif(malformed)).toBe('malformed'));
});
