#include "base/sort.h"

#include <algorithm>

namespace reprise {

void Sort(std::vector<NumberedText>& texts) { std::sort(texts.begin(), texts.end()); }

}  // namespace reprise
