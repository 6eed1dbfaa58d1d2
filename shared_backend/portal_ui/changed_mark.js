// A line that says for a moment what has just changed, and then settles. Its height is always there: nothing moves.
const seen = new WeakMap()

export default function (component) {
  const { data, parentElement } = component
  const line = parentElement.querySelector(".mark")
  if (!line) return
  const before = seen.get(parentElement)
  seen.set(parentElement, data.version)
  if (before === undefined || data.version <= before) return
  line.textContent = data.text
  line.classList.remove("fresh")
  void line.offsetWidth // restarts the animation when the next change comes before this one has settled
  line.classList.add("fresh")
}
