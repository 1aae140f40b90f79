/**
 * The settings of a server that `plimsoll up` or docker-compose.temporal.yml starts. They have the
 * form of `--dynamic-config-value`. A test compares them with docker-compose.temporal.yml.
 *
 * - `enableActivityEagerExecution`: the worker that schedules an activity receives the activity in
 *   the same response. This saves one poll.
 * - `httpAllowedHosts`: the server has an HTTP API that needs no token. Any web page could use it
 *   to start a workflow. Plimsoll does not use this API, but the server has no option to switch it
 *   off. So the server accepts only a host name that does not exist.
 * - `blobSize`: the server refuses a signal of more than 1 MB. The default is 2 MB. A plan with 100
 *   hosts has less than 100 KB.
 * - `historySize`, `historyCount`: the server ends a workflow at this size, without a rollback. The
 *   defaults are 50 MB and 51,200 events. A deploy rolls back at half of the default. So a flood of
 *   signals must be several times larger before it can prevent the rollback.
 */
export const serverSettings: readonly string[] = [
  'system.enableActivityEagerExecution=true',
  'frontend.httpAllowedHosts=["nobody.invalid"]',
  'limit.blobSize.warn=524288',
  'limit.blobSize.error=1048576',
  'limit.historySize.error=209715200',
  'limit.historyCount.error=102400',
];
