import { read, write } from './call.ts';
import type { VendorService } from './call.ts';
import { githubPermission as need, githubTokens } from './github-permissions.ts';

const repo = '/repos/{owner}/{repo}';
const fineGrained = 'fine-grained tokens have no permission "Checks"';

/**
 * The calls to GitHub. The permissions are those of a GitHub App. A classic personal access token
 * needs the scope `repo`. Where a row says "Administration", the owner of such a token must be an
 * administrator.
 */
export const github: VendorService = {
  title: 'GitHub',
  specification: { name: '@octokit/openapi', version: '23.0.1' },
  permissions: 'https://docs.github.com/rest/authentication/permissions-required-for-github-apps',
  tokens: githubTokens,
  unverified: [
    'GitHub does not show the permissions of a fine-grained token. The pages say that such a token has ' +
      'no permission "Checks". It should still be able to read the checks of a public repository, because of the ' +
      'rule for public data.',
    'Whether a push that changes a workflow file is refused, if the same file is on another branch.',
  ],
  calls: [
    read(`GET ${repo}`, 'find the repository', { permission: need('metadata') }),
    read(`GET ${repo}/commits/{ref}/check-runs`, 'read the checks of a commit', {
      permission: need('checks'),
      open: `${fineGrained}; whether a given token may read checks`,
    }),
    read(`GET ${repo}/commits/{ref}/status`, 'read the statuses of a commit', {
      permission: need('statuses'),
    }),
    read(`GET ${repo}/rules/branches/{branch}`, 'read the rules of the branch', {
      permission: need('metadata'),
    }),
    read(
      `GET ${repo}/branches/{branch}/protection/required_status_checks`,
      'read the checks that branch protection requires',
      {
        permission: need('administration'),
        open: 'which of the three 404 texts GitHub sends for this branch and token',
      },
    ),
    read(`GET ${repo}/actions/runs`, 'find the workflow runs of a commit', {
      permission: need('actions'),
    }),
    read(`GET ${repo}/actions/runs/{run_id}/artifacts`, 'find the test report', {
      permission: need('actions'),
    }),
    read(`GET ${repo}/actions/runs/{run_id}/jobs`, 'find the job that called Plimsoll', {
      permission: need('actions'),
    }),
    read(`GET ${repo}/actions/artifacts/{artifact_id}/{archive_format}`, 'read the test report', {
      permission: need('actions'),
      answer: 'nothing',
      open: 'the host to which GitHub redirects the download',
    }),
    read(`GET ${repo}/code-scanning/alerts`, 'read open alerts', {
      permission: need('codeScanning'),
      open: 'the error texts of a repository without Advanced Security',
    }),
    read(`GET ${repo}/code-scanning/analyses`, 'read when code scanning ran', {
      permission: need('codeScanning'),
    }),
    read(`GET ${repo}/dependabot/alerts`, 'read open alerts', {
      permission: need('dependabot'),
    }),
    read(`GET ${repo}/secret-scanning/alerts`, 'read open alerts', {
      permission: need('secretScanning'),
    }),
    read(`GET ${repo}/issues/{issue_number}`, 'read a linked issue', {
      permission: need('issues', 'read'),
    }),
    read(`GET ${repo}/issues`, 'let doctor try the permission', {
      permission: need('issues', 'read'),
    }),
    read(`GET ${repo}/issues/{issue_number}/comments`, 'find an earlier comment', {
      permission: need('issues', 'read'),
    }),
    write(`POST ${repo}/issues/{issue_number}/comments`, 'comment on a linked issue', {
      permission: need('issues'),
      open: 'when the secondary rate limit of writes is reached',
    }),
    write(`PATCH ${repo}/issues/{issue_number}`, 'close or open a linked issue', {
      permission: need('issues'),
    }),
    read(`GET ${repo}/deployments`, 'find the record of a deploy', {
      permission: need('deployments', 'read'),
    }),
    write(`POST ${repo}/deployments`, 'record a deploy', { permission: need('deployments') }),
    read(`GET ${repo}/deployments/{deployment_id}/statuses`, 'read the recorded state', {
      permission: need('deployments', 'read'),
    }),
    write(`POST ${repo}/deployments/{deployment_id}/statuses`, 'record the state of a deploy', {
      permission: need('deployments'),
      open: 'which workflows of the repository start on this event',
    }),
    read(`GET ${repo}/pulls`, 'find the pull request of a revert', {
      permission: need('pulls', 'read'),
    }),
    read(`GET ${repo}/commits/{commit_sha}/pulls`, 'find the pull request of a commit', {
      permission: need('pulls', 'read'),
    }),
    read(`GET ${repo}/commits`, 'find who signed the commits', {
      permission: need('contents', 'read'),
    }),
    read(`GET ${repo}/activity`, 'find who pushed the commits', {
      permission: need('contents', 'read'),
      open: 'how far back GitHub lists the pushes',
    }),
    write(`POST ${repo}/pulls`, 'open the pull request of a revert', {
      permission: need('pulls'),
    }),
    read('GET /app/installations/{installation_id}', 'read the permissions of a GitHub App', {
      permission: 'the private key of the App',
    }),
    // This call makes a token that expires after an hour. It changes nothing else.
    read(
      'POST /app/installations/{installation_id}/access_tokens',
      'get the token of a GitHub App',
      { permission: 'the private key of the App' },
    ),
  ],
};
