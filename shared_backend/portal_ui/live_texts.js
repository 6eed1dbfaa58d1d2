// Texts ahead of their redraw: what stands alone in its element is changed in place as soon as it is known.
//
// A run is sixty milliseconds of work for the browser, a text is none. React keeps the text node and puts the text of the
// next run into it, unless that is the one which React itself put there last; so in the end what the run has drawn is
// compared with what stands there. Part of the same script as live_frame.js.

function writeTexts(region, texts) {
  let written = false
  for (const [key, drawn] of Object.entries(region.data.texts ?? {})) {
    const text = texts[key]
    const before = region.ahead?.get(key) ?? drawn
    const node = text && text !== before ? loneText(region, key) : null
    if (node?.nodeValue !== before) continue // what is not as we know it is not ours to change
    node.nodeValue = text
    region.ahead = (region.ahead ?? new Map()).set(key, text)
    written = true
  }
  return written
}

function confirmTexts(region) {
  for (const key of region.ahead?.keys() ?? []) {
    const node = loneText(region, key)
    const drawn = region.data.texts[key]
    if (node && drawn !== undefined && node.nodeValue !== drawn) node.nodeValue = drawn
  }
  region.ahead = null
}

function loneText(region, key) {
  const element = region.root?.querySelector(`.st-key-${CSS.escape(key)}`)
  if (!element) return null
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const first = texts.nextNode()
  return first && !texts.nextNode() ? first : null
}

