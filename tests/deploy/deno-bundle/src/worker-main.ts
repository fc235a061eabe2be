import "reapool/worker-main";
