// vtk.js names xmlbuilder2 for writing XML, which nothing here does; the package needs node's
// `events` and would leave the page blank.
export function create(): never {
  throw new Error('writing XML is not part of this page');
}
