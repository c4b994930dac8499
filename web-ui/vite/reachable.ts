/** A module, or a file of a build, with all that it needs before it can run. `importsOf` names what one imports statically. */
export function reachable(root: string, importsOf: (name: string) => readonly string[]): Set<string> {
  const found = new Set<string>()
  const waiting = [root]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue
    found.add(name)
    waiting.push(...importsOf(name))
  }
  return found
}
