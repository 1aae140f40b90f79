/**
 * The job of GitHub Actions that requested a deploy, from the signed request. `repository` is
 * owner/name, `run` is the id of the workflow run. `job` is the key of the job in the file of the
 * workflow, which is not always the name of its check.
 */
export type CiJob = { repository: string; run: string; job: string };
