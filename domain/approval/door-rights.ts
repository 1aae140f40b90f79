/**
 * True if the person may read and change this project through the door. At present, every person in
 * the configuration may use every project.
 */
export const mayUse = (
  { approvers, requesters }: { approvers: object; requesters: object },
  name: string,
  _project: string,
): boolean => Object.hasOwn(approvers, name) || Object.hasOwn(requesters, name);
