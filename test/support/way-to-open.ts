/** The verbs with which a text of a gate says what to do. */
const verbs = [
  ...['Add', 'Ask', 'Assign', 'Attach', 'Bring', 'Build', 'Check', 'Choose', 'Commit', 'Connect'],
  ...['Correct', 'Delete', 'Deploy', 'Detach', 'Find', 'Fix', 'Give', 'Install', 'Let', 'Make'],
  ...['Name', 'Open', 'Promote', 'Push', 'Record', 'Remove', 'Rename', 'Repeat', 'Report'],
  ...['Restart', 'Resume', 'Revoke', 'Run', 'Scan', 'Set', 'Split', 'Stage', 'Switch', 'Take'],
  ...['Turn', 'Use', 'Wait', 'Write'],
].join('|');
/** An instruction begins a sentence, or follows "To …," or "For …,": "To require one, add …". */
const instruction = new RegExp(
  `(?:^|[.:?] )(?:${verbs})\\b|(?:^|[.:?] )(?:To|For|If) [^.:]*, (?:${verbs.toLowerCase()})\\b`,
);
/** Lines without an instruction: a hotfix without a reason, and two lines that add to others. */
const others = [
  /A hotfix is allowed with a reason: --priority P0 --reason "why it cannot wait"\.$/,
  /^\d+ more secrets?\. See all of them: plimsoll scan DIRECTORY$/,
  /^\d+ cost lines? could not be read and (?:is|are) not in the sums\. For details: plimsoll budget$/,
];

/**
 * Returns the reasons of a closed gate that do not say how to open the gate. Leaves out the reasons
 * that contain a text of `quoted`: a test made up this text, and another test checks the real one.
 */
export const withoutWay = (reasons: readonly string[], quoted: readonly string[] = []): string[] =>
  reasons.filter(
    (reason) =>
      ![instruction, ...others].some((way) => way.test(reason)) &&
      !quoted.some((text) => reason.includes(text)),
  );
