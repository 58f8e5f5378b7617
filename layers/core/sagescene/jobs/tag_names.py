"""What the tags of jobs, models and their groups are called; that of CostAllocationTag comes with them."""

DATA_SET = "sagescene:dataset"
DIGEST = "sagescene:digest"
REPORT = "sagescene:report"
