// SPDX-License-Identifier: Apache-2.0
// WriterImpl on its strand: batches that are compressed on another executor.
#include <utility>

#include "client/writer/writer_impl.hpp"

namespace kafka::client {

const std::shared_ptr<Compressor>& WriterImpl::compressor_of(
    const WriteBatch& batch) const noexcept {
    const auto& own = batch.home->topic.compressor;
    return own ? own : compressor_;
}

// False: it is still here.
bool WriterImpl::compress_elsewhere(std::unique_ptr<WriteBatch>& batch) {
    if (!config_.compression_executor) return false;
    auto& home = *batch->home;
    // One that is ready has to wait only for those before it.
    const auto& compressor = compressor_of(*batch);
    const bool ready = !batch->encoded.empty() || compressor->codec == Compression::none;
    if (ready && home.compressing.empty()) return false;
    auto job = std::make_shared<CompressJob>();
    if (ready) {
        job->done = true;
        job->batch = std::move(batch);
        home.compressing.push_back(std::move(job));
        ++compressing_;
        return true;
    }
    job->compressor = compressor;
    const auto back =
        off_loop_.expect(strand_, [self = shared_from_this(), job] { self->compressed(job); });
    home.compressing.push_back(job);
    job->batch = std::move(batch);
    ++compressing_;
    const auto work = [job] { job->failure = job->compressor->compress(*job->batch); };
    if (!off_loop_.run(config_.compression_executor, work, back)) {
        work();
        back();
    }
    return true;
}

// Those behind one that takes longer wait for it: their order is the partition's.
void WriterImpl::compressed(const std::shared_ptr<CompressJob>& job) {
    const auto now = std::chrono::steady_clock::now();
    auto& jobs = job->batch->home->compressing;
    job->done = true;
    if (job->failure) log(LogLevel::warning, "A batch goes uncompressed", job->failure.message());
    while (!jobs.empty() && jobs.front()->done) {
        const auto first = std::move(jobs.front());
        jobs.pop_front();
        if (first->forsaken) {
            pool_.put(std::move(first->batch));
            continue;
        }
        --compressing_;
        hand_over(std::move(first->batch), now);
    }
    run();
}

// Their records end now; their memory is the job's until it is done.
void WriterImpl::forsake_jobs(const Failure& why, Time now) {
    if (compressing_ == 0) return;
    for (const auto* topic : by_index_) {
        if (!topic) continue;
        for (const auto& partition : topic->partitions)
            for (std::size_t i = 0; i < partition->compressing.size(); ++i) {
                auto& job = *partition->compressing[i];
                if (std::exchange(job.forsaken, true)) continue;
                --compressing_;
                drop(*job.batch, why, now);
                alive_.erase(*job.batch);
                --partition->in_core;
            }
    }
}

}  // namespace kafka::client
