/* reprise.h as a C compiler sees it; capi_test.cc calls this. */
#include "capi/reprise.h"

int ReprisePlainCCanUseIt(void);

int ReprisePlainCCanUseIt(void) {
  enum reprise_job_state state = REPRISE_DONE;
  reprise_context* context = reprise_open(1, "", 0);
  int32_t answer;
  if (context == NULL) return -1;
  answer = reprise_info(context);
  reprise_close(context);
  return answer == 0 && state == 3;
}
