/**
 * Escapes a text for Markdown, so that a reason or a title cannot become a link, a picture or code.
 */
export const plainMarkdown = (text: string): string => text.replaceAll(/[\\`*[\]<>]/g, '\\$&');
